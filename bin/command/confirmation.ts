import { createInterface } from 'node:readline/promises';
import { CommandFailed, EXIT } from './exit-code';

/** Asks a person. Anything but a yes, and nobody there to ask, is a no. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CommandFailed(EXIT.notConfirmed, 'there is nobody to ask: confirm with --yes; nothing was rotated');
  }
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new CommandFailed(EXIT.notConfirmed, 'nothing was rotated');
    }
  } finally {
    dialogue.close();
  }
}
