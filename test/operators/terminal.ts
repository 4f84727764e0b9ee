import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';

/** Whether util-linux's `script`, which gives programs a pseudo-terminal, is here. */
export const hasTerminal = String(spawnSync('script', ['--version']).stdout).includes('util-linux');

/** A program at a pseudo-terminal, and the person who types there. */
export class Terminal {
  /** Everything that appeared, in the order in which it appeared. */
  screen = '';

  private readonly script: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<number>;
  private readonly waiting = new Set<() => void>();
  private read = 0;

  /** @param command for `sh` */
  constructor(command: string, environment: NodeJS.ProcessEnv) {
    this.script = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
      env: { ...environment, TERM: 'xterm', SHELL: '/bin/sh' },
    });
    this.script.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.screen += text;
      this.wake();
    });
    this.ended = new Promise((resolve) => {
      this.script.on('close', (code) => {
        resolve(code ?? -1);
        this.wake();
      });
    });
  }

  /** Waits until a text appears that was not there at the last wait, and types then. */
  async answer(question: string | RegExp, keys: string): Promise<void> {
    for (let end = this.endOf(question); ; end = this.endOf(question)) {
      if (end !== undefined) {
        this.read = end;
        this.script.stdin.write(keys);
        return;
      }
      if (this.script.exitCode !== null) {
        throw new Error(`the program ended and never wrote ${String(question)}, but:\n${this.screen}`);
      }
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  /** The exit code, once the program has ended. */
  end(): Promise<number> {
    return this.ended;
  }

  private endOf(text: string | RegExp): number | undefined {
    const unread = this.screen.slice(this.read);
    const [found] = typeof text === 'string' ? [unread.includes(text) ? text : undefined] : (text.exec(unread) ?? []);
    return found === undefined ? undefined : this.read + unread.indexOf(found) + found.length;
  }

  private wake(): void {
    for (const resolve of this.waiting) {
      resolve();
    }
    this.waiting.clear();
  }
}
