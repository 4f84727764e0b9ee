import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';

/** Exit codes for scripts. The help text documents them. */
export const EXIT = {
  fine: 0,
  needsAttention: 1,
  wrongUsage: 2,
  unreachable: 3,
  prevented: 4,
  notConfirmed: 5,
  stillWaiting: 6,
  smokeTestFailed: 7,
  interrupted: 130,
} as const;

type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0  no application needs attention; after rotate: Amazon accepted the rotation; after rotate --wait: the new client
     secret is current, LWA accepts it, and the smoke test ended with 0; after seed: the secret holds the pair; after
     drill: every alarm rang, and somebody is told of each; after rehearse: every act passed
  1  an application needs attention; after rotate: the rotation failed; after seed: LWA does not accept the pair; after
     drill: somebody is not told; after rehearse: an act did not pass
  2  the command line was not understood; nothing was done
  3  the rotate function was not found, or AWS or LWA refused or did not answer
  4  after rotate: a guard prevented it, nothing was rotated; after seed: the secret changed meanwhile, nothing was stored;
     after pause, resume, expires: it is not written down for each application
  5  it was not confirmed, or there is no terminal to ask on; nothing was rotated or stored, and no alarm rang
  6  after rotate --wait: the time is up; the rotation goes on by itself
  7  after rotate --smoke-test: the new client secret is current, and the smoke test did not end with 0
130  Ctrl-C; after rotate --wait: the rotation goes on by itself; after drill: the alarms were set back`;

/** Ends the command with a message and an exit code. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

/** Exit code of `status` and `check`. */
export function exitCodeOf(answers: readonly ApplicationAnswer[]): ExitCode {
  return answers.some(({ kind, outcome }) => kind !== undefined || outcome === 'stalled' || outcome === 'not-seeded')
    ? EXIT.needsAttention
    : EXIT.fine;
}

/** Exit code of `rotate`. */
export function exitCodeOfRotation({ outcome }: ApplicationAnswer): ExitCode {
  switch (outcome) {
    case 'requested':
    case 'promoted':
      return EXIT.fine;
    case 'not-rotated':
    case 'in-flight':
    case 'due':
      return EXIT.prevented;
    default:
      return EXIT.needsAttention;
  }
}
