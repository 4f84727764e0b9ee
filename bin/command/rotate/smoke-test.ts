import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ApplicationAnswer } from '../../../lambda/core/reconcile/answer';

/** How somebody's own check of the new client secret ended. */
export interface SmokeTest {
  readonly command: string;
  /** `null`: a signal ended it, or it could not be started. */
  readonly exitCode: number | null;
}

/** Runs a command in the shell. It learns which secret and which version are meant, and reads the secret itself. */
export function runSmokeTest(
  command: string,
  { application, secretArn, versionId = '' }: ApplicationAnswer,
  tell: (line: string) => void,
): Promise<SmokeTest> {
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ROTATED_APPLICATION: application,
      ROTATED_SECRET_ARN: secretArn,
      ROTATED_VERSION_ID: versionId,
    },
  });
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', tell);
  }
  return new Promise((resolve) => {
    child.on('error', () => resolve({ command, exitCode: null }));
    child.on('close', (exitCode) => resolve({ command, exitCode }));
  });
}
