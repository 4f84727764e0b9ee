import { AwsError } from '../../local-cloud/services/aws-error';
import { MINUTE, SECOND, type Instant } from '../../lambda/core/time';
import { CallFailed } from '../../lambda/core/ports';
import type { Random } from './random';
import type { AwsFate, HttpFate } from './trouble';

/** The function was killed. No flow may catch this: there is nobody left to catch anything. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

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

  constructor(
    readonly name: string,
    private readonly world: Surroundings,
    private endsAt: Instant,
  ) {}

  kill(why: string): void {
    if (!this.isDead) {
      this.isDead = true;
      this.world.say(() => `${this.name} is killed ${why}`);
    }
  }

  /** A call to AWS. The effect is at one moment, and the answer may be lost after it. */
  aws<Answer>(service: string, operation: string, effect: () => Answer): Promise<Answer> {
    const name = `${service}:${operation}`;
    return this.call<Answer>(name, (resolve, reject, fault) => {
      const fate = fault?.aws ?? this.world.awsFate(service);
      const fail = (code: string): void => {
        this.world.say(
          () => `${this.name}: ${name} fails, ${code}${fate === 'failed-after' ? ', after it was done' : ''}`,
        );
        reject(new CallFailed(name, code));
      };
      const attempt = (): void => {
        try {
          resolve(effect());
        } catch (error) {
          if (error instanceof AwsError) {
            reject(new CallFailed(name, error.code));
          } else {
            throw error;
          }
        }
      };
      switch (fate) {
        case 'done':
          attempt();
          return;
        case 'throttled':
          fail('ThrottlingException');
          return;
        case 'denied':
          fail('AccessDeniedException');
          return;
        case 'failed-before':
          fail('Unreachable');
          return;
        case 'failed-after':
          quietly(effect);
          fail('Unreachable');
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
        reject(new Killed());
        return;
      }
      this.world.after(this.world.latency(), () => {
        // What is on its way happens, whether or not anybody waits for it.
        perform(
          (answer) => {
            this.conclude(doom, name, reject, () => {
              resolve(answer);
            });
          },
          (error) => {
            this.conclude(doom, name, reject, () => {
              reject(error);
            });
          },
          fault,
        );
      });
    });
  }

  private conclude(doom: Doom['when'] | undefined, name: string, reject: (error: Error) => void, go: () => void): void {
    if (doom === 'after') {
      this.kill(`after ${name}`);
    }
    const frozen = this.world.freeze();
    if (frozen > 0) {
      this.endsAt += frozen;
      this.world.after(frozen, () => {
        this.finish(reject, go);
      });
    } else {
      this.finish(reject, go);
    }
  }

  private finish(reject: (error: Error) => void, go: () => void): void {
    if (this.isOver()) {
      reject(new Killed());
    } else {
      go();
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
    if (!(error instanceof AwsError)) {
      throw error;
    }
  }
}

/** An invocation that will be killed somewhere, if at all. */
export function doomOf(random: Random): Doom {
  return { call: random.integer(1, random.chance(0.5) ? 8 : 20), when: random.chance(0.5) ? 'before' : 'after' };
}

export const ROTATE_TIMEOUT = 15 * MINUTE;
export const STORE_TIMEOUT = MINUTE;
