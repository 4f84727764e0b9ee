import { createApp } from './stack';
import { SettingsProblem } from './settings';

try {
  createApp();
} catch (error) {
  if (!(error instanceof SettingsProblem)) {
    throw error;
  }
  // The message says what to change. A stack trace would only hide it.
  console.error(error.message);
  process.exitCode = 1;
}
