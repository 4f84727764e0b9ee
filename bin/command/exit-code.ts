import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';

/** For scripts. Documented in the help text. */
export const EXIT = {
  fine: 0,
  needsAttention: 1,
  wrongUsage: 2,
  unreachable: 3,
  heldBack: 4,
  notConfirmed: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0  all is well; after rotate: Amazon accepted it
  1  an application needs attention; after rotate: it failed
  2  the command line was not understood; nothing was done
  3  the hub was not found, or AWS refused or did not answer
  4  after rotate: a guard held it back, nothing was rotated
  5  not confirmed, nothing was rotated`;

/** Ends the command with a message for people. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

/** What the answers of `status` and `check` come to. */
export function exitCodeOf(answers: readonly ApplicationAnswer[]): ExitCode {
  return answers.some(({ kind, outcome }) => kind !== undefined || outcome === 'stalled' || outcome === 'not-seeded')
    ? EXIT.needsAttention
    : EXIT.fine;
}

export function exitCodeOfRotation({ outcome }: ApplicationAnswer): ExitCode {
  switch (outcome) {
    case 'requested':
    case 'promoted':
      return EXIT.fine;
    case 'not-rotated':
    case 'in-flight':
    case 'due':
      return EXIT.heldBack;
    default:
      return EXIT.needsAttention;
  }
}
