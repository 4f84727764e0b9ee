import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';

/** Whether util-linux's `script`, which gives programs a pseudo-terminal, is here. */
export const hasTerminal = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout);

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
  async answer(question: string, keys: string): Promise<void> {
    while (!this.screen.includes(question, this.read)) {
      if (this.script.exitCode !== null) {
        throw new Error(`the program ended and never wrote ${JSON.stringify(question)}, but:\n${this.screen}`);
      }
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    this.read = this.screen.indexOf(question, this.read) + question.length;
    this.script.stdin.write(keys);
  }

  /** The exit code, once the program has ended. */
  end(): Promise<number> {
    return this.ended;
  }

  private wake(): void {
    for (const resolve of this.waiting) {
      resolve();
    }
    this.waiting.clear();
  }
}
