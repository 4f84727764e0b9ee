import { createInterface } from 'node:readline/promises';
import { CommandFailed, EXIT } from './exit-code';
import { printable } from './printable';

/** Asks the operator. Throws unless the answer is yes, or where there is no terminal to ask on. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CommandFailed(
      EXIT.notConfirmed,
      'there is no terminal to ask on: confirm with --yes; nothing was rotated',
    );
  }
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question(printable(`${question} [y/N] `));
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new CommandFailed(EXIT.notConfirmed, 'nothing was rotated');
    }
  } finally {
    dialogue.close();
  }
}
