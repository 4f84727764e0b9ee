import { MINUTE, SECOND, type Instant } from '../../lambda/core/instant';
import { noAnswer, refusal, thrownBySdk, type SdkError } from '../fakes/sdk-error';
import type { Random } from './random';
import type { AwsFate, HttpFate } from './trouble';

/** Where an invocation is killed: before or after the effect of its n-th call. */
export interface Doom {
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** What a test does to one call. */
export interface Fault {
  readonly kill?: 'before' | 'after';
  readonly aws?: AwsFate;
  readonly http?: HttpFate;
}

/** What an invocation needs of its world. */
export interface Surroundings {
  now(): Instant;
  after(milliseconds: number, act: () => void): void;
  latency(): number;
  /** For how long the function stands still before it sees an answer. Its time-out stands still too; the clock does not. */
  freeze(): number;
  awsFate(service: string): AwsFate;
  /** What a test does to this very call. */
  injected(call: string): Fault | undefined;
  say(words: () => string): void;
}

/** One run of a function: it ends by itself, at its time-out, or killed between two calls. */
export class Invocation {
  isDead = false;
  calls = 0;
  doom: Doom | undefined;
  /** On whose wish it runs; what promise 3 depends on. */
  automatic = false;
  forced = false;
  /** It must not write. */
  readsOnly = false;
  /** What it last saw of the queue's policy. */
  sawPolicy: boolean | undefined;
  /** Secrets Manager rotated the secret itself when the run began. */
  beganWithManagedRotation = false;
  /** What it last saw of the secret that forbids a rotation, or that a person should know. */
  sawOfSecret: 'managed rotation' | 'failed replica' | undefined;
  private whenKilled: () => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly world: Surroundings,
    private endsAt: Instant,
  ) {}

  kill(why: string): void {
    if (!this.isDead) {
      this.isDead = true;
      this.world.say(() => `${this.name} is killed ${why}`);
      this.whenKilled();
    }
  }

  /**
   * Runs the function. A call of a killed one never answers: nothing goes on behind it that could catch an error.
   *
   * @returns `undefined` when it was killed
   */
  run<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      this.whenKilled = () => {
        resolve(undefined);
      };
      work().then(resolve, reject);
    });
  }

  /**
   * A call to AWS. The effect is at one moment, and the answer may be lost after it.
   *
   * @throws {SdkError} what a client of the SDK throws
   */
  aws<Answer>(service: string, operation: string, effect: () => Answer): Promise<Answer> {
    const name = `${service}:${operation}`;
    return this.call<Answer>(name, (resolve, reject, fault) => {
      const fate = fault?.aws ?? this.world.awsFate(service);
      const fail = (error: SdkError): void => {
        this.world.say(
          () => `${this.name}: ${name} fails, ${error.name}${fate === 'failed-after' ? ', after it was done' : ''}`,
        );
        reject(error);
      };
      const attempt = (): void => {
        try {
          resolve(effect());
        } catch (error) {
          reject(thrownBySdk(error));
        }
      };
      switch (fate) {
        case 'done':
          attempt();
          return;
        case 'throttled':
          fail(refusal('ThrottlingException'));
          return;
        case 'denied':
          fail(refusal('AccessDeniedException'));
          return;
        case 'failed-before':
          fail(noAnswer());
          return;
        case 'failed-after':
          quietly(effect);
          fail(noAnswer());
          return;
        case 'answer-lost':
          this.world.say(() => `${this.name}: ${name} is done, its answer lost, and the SDK calls again`);
          quietly(effect);
          this.world.after(5 * SECOND, attempt);
      }
    });
  }

  /** A call that answers when `perform` says so. */
  call<Answer>(
    name: string,
    perform: (resolve: (answer: Answer) => void, reject: (error: Error) => void, fault: Fault | undefined) => void,
  ): Promise<Answer> {
    this.calls += 1;
    const fault = this.world.injected(name);
    const doom = fault?.kill ?? (this.doom?.call === this.calls ? this.doom.when : undefined);
    if (doom === 'before') {
      this.kill(`before ${name}`);
    }
    return new Promise((resolve, reject) => {
      if (this.isOver()) {
        return;
      }
      this.world.after(this.world.latency(), () => {
        // What is on its way happens, whether or not anybody waits for it.
        perform(
          (answer) => {
            this.conclude(doom, name, () => {
              resolve(answer);
            });
          },
          (error) => {
            this.conclude(doom, name, () => {
              reject(error);
            });
          },
          fault,
        );
      });
    });
  }

  private conclude(doom: Doom['when'] | undefined, name: string, answer: () => void): void {
    if (doom === 'after') {
      this.kill(`after ${name}`);
    }
    const frozen = this.world.freeze();
    if (frozen > 0) {
      this.endsAt += frozen;
      this.world.after(frozen, () => {
        this.answerUnlessOver(answer);
      });
    } else {
      this.answerUnlessOver(answer);
    }
  }

  private answerUnlessOver(answer: () => void): void {
    if (!this.isOver()) {
      answer();
    }
  }

  private isOver(): boolean {
    if (!this.isDead && this.world.now() >= this.endsAt) {
      this.kill('at its time-out');
    }
    return this.isDead;
  }
}

function quietly(effect: () => unknown): void {
  try {
    effect();
  } catch (error) {
    thrownBySdk(error);
  }
}

/** An invocation that will be killed somewhere, if at all. */
export function doomOf(random: Random): Doom {
  return { call: random.integer(1, random.chance(0.5) ? 8 : 20), when: random.chance(0.5) ? 'before' : 'after' };
}

export const ROTATE_TIMEOUT = 15 * MINUTE;
export const STORE_TIMEOUT = MINUTE;
