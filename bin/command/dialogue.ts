import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandFailed, EXIT } from './exit-code';
import { printable } from './printable';

/** Questions to the person at the terminal, on the error output, so that the answers can be redirected. */
export class Dialogue {
  private shown = true;
  private readonly input;
  private readonly lines;

  /**
   * @param otherwise what did not happen where nobody answers, for the error
   * @param withoutTerminal what to do where there is no terminal
   */
  constructor(
    private readonly otherwise: string,
    withoutTerminal: string,
  ) {
    if (!process.stdin.isTTY) {
      throw new CommandFailed(EXIT.notConfirmed, `there is no terminal to ask on: ${withoutTerminal}; ${otherwise}`);
    }
    const output = new Writable({
      write: (text: Buffer, _encoding, done) => {
        if (this.shown) {
          process.stderr.write(text);
        }
        done();
      },
    });
    this.input = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
    // At once: where several lines are pasted, the second may be the answer to a hidden question.
    this.input.on('line', () => {
      this.shown = false;
    });
    this.lines = this.input[Symbol.asyncIterator]();
  }

  ask(question: string): Promise<string> {
    this.shown = true;
    this.input.setPrompt(question);
    this.input.prompt();
    return this.answer();
  }

  /** What is typed is not shown. */
  async askHidden(question: string): Promise<string> {
    process.stderr.write(question);
    this.shown = false;
    this.input.resume();
    const answer = await this.answer();
    process.stderr.write('\n');
    return answer;
  }

  say(text: string): void {
    process.stderr.write(printable(`${text}\n`));
  }

  /** Throws unless the answer is yes. */
  async confirm(question: string): Promise<void> {
    if (!/^y(es)?$/i.test((await this.ask(`${printable(question)} [y/N] `)).trim())) {
      throw new CommandFailed(EXIT.notConfirmed, this.otherwise);
    }
  }

  close(): void {
    this.input.close();
  }

  private async answer(): Promise<string> {
    const next = await this.lines.next();
    if (next.done === true) {
      process.stderr.write('\n');
      throw new CommandFailed(EXIT.notConfirmed, this.otherwise);
    }
    return next.value;
  }
}

/** Asks one question. Throws unless the answer is yes. */
export async function confirm(question: string): Promise<void> {
  const dialogue = new Dialogue('nothing was rotated', 'confirm with --yes');
  try {
    await dialogue.confirm(question);
  } finally {
    dialogue.close();
  }
}
