import { createApp } from './stack';
import { SettingsProblem } from './settings';

try {
  createApp();
} catch (error) {
  if (!(error instanceof SettingsProblem)) {
    throw error;
  }
  // For people: what to change is all there is to say, and a stack trace would hide it.
  console.error(error.message);
  process.exitCode = 1;
}
