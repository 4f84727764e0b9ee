import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, ApplicationAnswer } from '../../../lambda/core/reconcile/answer';
import { CommandFailed, EXIT, exitCodeOf, exitCodeOfRotation } from '../exit-code';
import { invoke, observe } from '../invocation';
import { printable } from '../printable';
import type { Step } from '../steps';
import { runSmokeTest, type SmokeTest } from './smoke-test';
import { mayBringSecret, stageOf, type Stage } from './stage';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Amazon delivers within seconds as a rule: who waits longer than a minute need not look so often. */
const [SOON, LATER] = [3 * SECOND, 15 * SECOND];

/** So many looks in a row may fail before the wait ends: AWS throttles, and networks fail, for a moment. */
const MAX_FAILED_LOOKS = 3;

export interface RotationToAwait {
  readonly functionName: string;
  readonly application: string;
  readonly force: boolean;
  readonly requestedBy: string;
  /** How long to wait for the new client secret, in minutes. */
  readonly minutes: number;
  /** A command for the shell. */
  readonly smokeTest?: string | undefined;
  readonly json: boolean;
}

/** A rotation that somebody asks for and waits for. It goes on without them: the functions do all of it. */
export class AwaitedRotation {
  /** The newest answer. */
  answer: Answer | undefined;
  smokeTest: SmokeTest | undefined;

  private before: ApplicationAnswer | undefined;
  private asked: 'no' | 'perhaps' | 'yes' = 'no';
  private seen: { readonly stage: Stage; readonly application: ApplicationAnswer } | undefined;
  private begun = 0;
  private failedLooks = 0;

  constructor(private readonly options: RotationToAwait) {}

  get steps(): Step[] {
    const { smokeTest } = this.options;
    return [
      { title: 'Amazon is asked for a new client secret', run: () => this.ask() },
      { title: 'Amazon delivers it', run: (tell) => this.until(['delivered', 'current'], tell) },
      { title: 'It becomes AWSCURRENT', run: (tell) => this.until(['current'], tell) },
      { title: 'The check: LWA accepts it', run: () => this.check() },
      ...(smokeTest === undefined
        ? []
        : [{ title: 'The smoke test', run: (tell: (line: string) => void) => this.test(smokeTest, tell) }]),
    ];
  }

  /** How things stand for somebody who does not wait any longer. */
  get whatGoesOn(): string {
    const see = `See npx cdk-sp-api-secret-rotation status --application ${this.options.application}.`;
    if (this.seen?.stage === 'current') {
      return `The new client secret is current. ${see}`;
    }
    return {
      no: 'Nothing was rotated.',
      perhaps: `Whether Amazon was asked for a rotation is not known here; if so, it goes on by itself. ${see}`,
      yes: `The rotation goes on by itself. ${see}`,
    }[this.asked];
  }

  private async ask(): Promise<string> {
    const { functionName, application, force, requestedBy } = this.options;
    this.before = only(await observe(functionName, { action: 'status', application }));
    this.asked = 'perhaps';
    this.begun = Date.now();
    const answer = await invoke(functionName, {
      action: 'rotate',
      application,
      ...(force && { force: true }),
      requestedBy,
    });
    this.answer = answer;
    const asked = only(answer);
    this.asked = mayBringSecret(asked) ? 'yes' : 'no';
    if (this.asked === 'no') {
      throw new CommandFailed(exitCodeOfRotation(asked), asked.next);
    }
    return asked.next;
  }

  /** Looks until one of the stages is reached. Only reads, and does not call Amazon. */
  private async until(stages: readonly Stage[], tell: (line: string) => void): Promise<string> {
    while (this.seen === undefined || !stages.includes(this.seen.stage)) {
      await this.pause();
      await this.look(tell);
    }
    const { stage, application } = this.seen;
    return stage === 'current' ? `version ${application.versionId ?? 'unknown'}` : application.next;
  }

  private async look(tell: (line: string) => void): Promise<void> {
    const { functionName, application: id } = this.options;
    const answer = await observe(functionName, { action: 'status', application: id }).catch((error: unknown) =>
      this.failedLook(error, tell),
    );
    if (answer === undefined) {
      return;
    }
    const [said, application] = [this.seen?.application.next, only(answer)];
    const stage = stageOf(this.before ?? application, application);
    this.answer = answer;
    this.seen = { stage, application };
    this.failedLooks = 0;
    if (stage === 'ended') {
      throw new CommandFailed(EXIT.needsAttention, `${application.outcome}: ${application.next}`);
    }
    if (stage !== 'current' && application.next !== said) {
      tell(application.next);
    }
  }

  private failedLook(error: unknown, tell: (line: string) => void): undefined {
    const why = error instanceof Error ? error.message : String(error);
    this.failedLooks += 1;
    if (this.failedLooks === MAX_FAILED_LOOKS) {
      throw new CommandFailed(EXIT.unreachable, `${why}. ${this.whatGoesOn}`);
    }
    tell(`could not look, and looks again: ${why}`);
  }

  /** Before every look but the first. */
  private async pause(): Promise<void> {
    if (this.seen === undefined && this.failedLooks === 0) {
      return;
    }
    const waited = Date.now() - this.begun;
    const interval = waited < MINUTE ? SOON : LATER;
    if (waited + interval > this.options.minutes * MINUTE) {
      const waitsFor = this.seen?.application.next ?? 'No look succeeded.';
      throw new CommandFailed(
        EXIT.stillWaiting,
        `no new client secret is current after ${this.options.minutes} minutes. ${waitsFor} ${this.whatGoesOn}`,
      );
    }
    await sleep(interval);
  }

  /** The only call to Amazon of those who wait: a token. */
  private async check(): Promise<string> {
    const { functionName, application } = this.options;
    this.answer = await observe(functionName, { action: 'check', application });
    const checked = only(this.answer);
    const exitCode = exitCodeOf([checked]);
    if (exitCode !== EXIT.fine) {
      throw new CommandFailed(exitCode, `The new client secret is current, but: ${checked.next}`);
    }
    return checked.next;
  }

  private async test(command: string, tell: (line: string) => void): Promise<string> {
    // What it prints must not get into the JSON.
    const pass = this.options.json ? (line: string): void => console.error(printable(line)) : tell;
    this.smokeTest = await runSmokeTest(command, only(this.answer), pass);
    const { exitCode } = this.smokeTest;
    if (exitCode !== 0) {
      const how = exitCode === null ? 'was ended by a signal or did not start' : `ended with exit code ${exitCode}`;
      throw new CommandFailed(
        EXIT.smokeTestFailed,
        `the smoke test ${how}. The new client secret is current all the same, and LWA accepts it. The one before it works for 7 days from the rotation: it is AWSPREVIOUS.`,
      );
    }
    return 'exit code 0';
  }
}

function only(answer: Answer | undefined): ApplicationAnswer {
  const [one] = answer?.applications ?? [];
  if (one === undefined) {
    throw new CommandFailed(EXIT.unreachable, 'the rotate function answered nothing about the application');
  }
  return one;
}
