import { MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import { noAnswer, refusal, thrownBySdk, type SdkError } from '../fakes/sdk-error';
import type { Random } from './random';
import type { AwsFault, HttpFault } from './fault-injector';

/** Where an invocation is killed: before or after the effect of its n-th call. */
export interface CrashPoint {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** A fault that a test injects into one call. */
export interface InjectedFault {
  readonly kill?: 'before' | 'after';
  readonly aws?: AwsFault;
  readonly http?: HttpFault;
}

/** What an invocation needs of the world. */
export interface Environment {
  now(): Instant;
  after(milliseconds: number, action: () => void): void;
  latency(): number;
  /** For how long the function stands still before it sees an answer. Its time-out stands still too; the clock does not. */
  freeze(): number;
  awsFault(service: string): AwsFault;
  /** What a test injects into this very call. */
  injectedFault(call: string): InjectedFault | undefined;
  nonce(): string;
  log(words: () => string): void;
}

/** Has the effect of a call, and answers it. */
export type Perform<Answer> = (
  resolve: (answer: Answer) => void,
  reject: (error: Error) => void,
  fault: InjectedFault | undefined,
) => void;

/** One run of a function. It ends with an answer, at its time-out, or killed between two calls. */
export class Invocation {
  isDead = false;
  calls = 0;
  crashPoint: CrashPoint | undefined;
  /** Whether the schedule, the rule or a message started it, and not a person. */
  isAutomatic = false;
  /** Whether a person asked for a rotation with `force`. */
  isForced = false;
  /** It must not write. */
  readsOnly = false;
  /** It may make writes that change no value. */
  provesRights = false;
  /** A permission was missing for a call. */
  wasDenied = false;
  /** What it last saw of the queue's policy. */
  sawPolicy: boolean | undefined;
  /** Secrets Manager rotated the secret itself when the run began. */
  beganWithManagedRotation = false;
  /** What it last saw of the secret that forbids a rotation, or that a person should know. */
  sawOfSecret: 'managed rotation' | 'failed replica' | undefined;
  private whenKilled: () => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly world: Environment,
    private endsAt: Instant,
    readonly startedAt: Instant = world.now(),
  ) {}

  kill(why: string): void {
    if (!this.isDead) {
      this.isDead = true;
      this.world.log(() => `${this.name} is killed ${why}`);
      this.whenKilled();
    }
  }

  /**
   * Runs the function. A killed function runs no further: its calls never answer, so that it has no error to catch.
   *
   * @returns `undefined` when it was killed
   */
  run<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      this.whenKilled = () => resolve(undefined);
      work().then(resolve, reject);
    });
  }

  /**
   * A call to AWS. The effect is at one moment, and the answer may be lost after it.
   *
   * @param input with the operation all that tells it from other calls of the run
   * @throws {SdkError} what a client of the SDK throws
   */
  aws<Answer>(service: string, operation: string, input: unknown, effect: () => Answer): Promise<Answer> {
    const name = `${service}:${operation}`;
    return this.call<Answer>(name, input, (resolve, reject, injected) => {
      const fault = injected?.aws ?? this.world.awsFault(service);
      const attempt = (): void => {
        try {
          resolve(effect());
        } catch (error) {
          reject(thrownBySdk(error));
        }
      };
      if (fault === 'none') {
        attempt();
        return;
      }
      if (fault === 'failed-after' || fault === 'answer-lost') {
        performUnanswered(effect);
      }
      if (fault === 'answer-lost') {
        this.world.log(() => `${this.name}: ${name} is done, its answer is lost, and the SDK calls again`);
        this.world.after(5 * SECOND, attempt);
        return;
      }
      this.world.log(() => `${this.name}: ${name} fails: ${fault}`);
      this.wasDenied ||= fault === 'denied';
      reject(errorOf(fault));
    });
  }

  /**
   * What the run says beside its calls: a line of the log, its answer.
   *
   * @param _what tells it from whatever else the run may say
   */
  tell(_what: unknown, act: () => void): void {
    act();
  }

  nonce(): string {
    return this.world.nonce();
  }

  /**
   * A call that answers when `perform` says so.
   *
   * @param begin what is noted when the call is sent, whatever becomes of it
   */
  call<Answer>(name: string, _input: unknown, perform: Perform<Answer>, begin?: () => void): Promise<Answer> {
    begin?.();
    this.calls += 1;
    const fault = this.world.injectedFault(name);
    const crash = fault?.kill ?? (this.crashPoint?.call === this.calls ? this.crashPoint.when : undefined);
    if (crash === 'before') {
      this.kill(`before ${name}`);
    }
    return new Promise((resolve, reject) => {
      if (this.hasEnded()) {
        return;
      }
      this.world.after(this.world.latency(), () => {
        // A call that was sent has its effect, even when the function was killed meanwhile.
        perform(
          (answer) => {
            this.answer(crash, name, () => resolve(answer));
          },
          (error) => {
            this.answer(crash, name, () => reject(error));
          },
          fault,
        );
      });
    });
  }

  private answer(crash: CrashPoint['when'] | undefined, name: string, answer: () => void): void {
    if (crash === 'after') {
      this.kill(`after ${name}`);
    }
    const frozen = this.world.freeze();
    if (frozen > 0) {
      this.endsAt += frozen;
      this.world.after(frozen, () => this.answerUnlessEnded(answer));
    } else {
      this.answerUnlessEnded(answer);
    }
  }

  private answerUnlessEnded(answer: () => void): void {
    if (!this.hasEnded()) {
      answer();
    }
  }

  private hasEnded(): boolean {
    if (!this.isDead && this.world.now() >= this.endsAt) {
      this.kill('at its time-out');
    }
    return this.isDead;
  }
}

function errorOf(fault: Exclude<AwsFault, 'none' | 'answer-lost'>): SdkError {
  switch (fault) {
    case 'throttled':
      return refusal('ThrottlingException');
    case 'denied':
      return refusal('AccessDeniedException');
    case 'failed-before':
    case 'failed-after':
      return noAnswer();
  }
}

/** The effect happens, and the caller never learns of it. */
function performUnanswered(effect: () => unknown): void {
  try {
    effect();
  } catch (error) {
    thrownBySdk(error);
  }
}

/** Where a function is killed, if it makes so many calls. */
export function drawCrashPoint(random: Random): CrashPoint {
  return { call: random.integer(1, random.chance(0.5) ? 8 : 20), when: random.chance(0.5) ? 'before' : 'after' };
}

export const ROTATE_TIMEOUT = 15 * MINUTE;
export const STORE_TIMEOUT = MINUTE;
