import type { FailureKind } from '../../lib/contract/failure-kind';
import type { RunbookSection } from '../../lib/contract/operators';
import type { RotationReason } from '../../lib/contract/event';
import type { METRIC } from '../../lib/contract/metric';

export interface ObservationRow {
  /** Level of the log line. An observation with a kind of failure is logged as an error in any case. */
  readonly level: 'info' | 'warn';
  /** Counted by one. */
  readonly counts?: keyof typeof METRIC;
  /** Whether it is counted with the dimension Kind as well. */
  readonly byKind?: true;
  /** Published with the observation's `seconds`. */
  readonly measures?: keyof typeof METRIC;
}

/** Everything that is logged: its text, its level, and the metrics that come of it. */
export const OBSERVATIONS = {
  'application looked at': { level: 'info' },
  'rotation requested': { level: 'info', counts: 'rotationsRequested' },
  'queue policy in doubt': { level: 'warn' },
  'rotation refused': { level: 'warn', counts: 'rotationsFailed', byKind: true },
  'rotation ambiguous': { level: 'warn', counts: 'rotationsFailed', byKind: true },
  'rotation stalled': { level: 'warn', counts: 'rotationsStalled' },
  'client secret rotated': { level: 'info', counts: 'rotationsCompleted', measures: 'deliveryDelay' },
  'client secret healed': { level: 'warn' },
  'client secret dying': { level: 'warn' },
  'client secret seeded by hand': { level: 'warn' },
  'rotation window passed over': { level: 'warn' },
  'rotation paused': { level: 'info' },
  'rotation resumed': { level: 'info' },
  'pause over': { level: 'warn' },
  'expiry told': { level: 'info' },
  'note not taken': { level: 'warn' },
  'token minted with another version': { level: 'warn' },
  'journal lost': { level: 'warn' },
  'event not published': { level: 'warn' },
  'event ignored': { level: 'warn' },
  'expiry noticed': { level: 'info' },
  'message acknowledged': { level: 'info' },
  'message ignored': { level: 'info', counts: 'messagesIgnored' },
  'message kept': { level: 'warn', counts: 'messagesKept', measures: 'oldestKeptMessageAge' },
  'message unclaimed': { level: 'warn', counts: 'messagesUnclaimed' },
} as const satisfies Readonly<Record<string, ObservationRow>>;

/**
 * Something worth a log line and perhaps a metric. A closed list of fields, so that nothing else can get into a log.
 */
export interface Observation {
  readonly what: keyof typeof OBSERVATIONS;
  readonly application?: string;
  readonly clientId?: string;
  readonly kind?: FailureKind;
  readonly outcome?: string;
  /** Amazon's or AWS's request id. */
  readonly requestId?: string;
  readonly versionId?: string;
  readonly reason?: RotationReason;
  readonly requestedBy?: string;
  /** The operation of AWS that failed, and its error code. */
  readonly operation?: string;
  readonly code?: string;
  /** Where in the code of this package a defect showed. */
  readonly position?: string;
  readonly messageId?: string;
  readonly notificationType?: 'new-secret' | 'expiry' | 'other';
  /** Seconds from Amazon's event to AWSCURRENT, or since the message was sent, or until the client secret stops working. */
  readonly seconds?: number;
  /** When the client secret in AWSCURRENT stops working. */
  readonly worksUntil?: string;
  /** What to do next, for people. */
  readonly next?: string;
  /** Of the runbook, where another one than that of the kind says more. Its link is logged. */
  readonly section?: RunbookSection | undefined;
}

/** Kinds of failure that no later run decides or mends. */
const FOR_A_PERSON: ReadonlySet<FailureKind> = new Set(['needs-person', 'overwritten', 'order-unknown', 'defect']);

/** Whether it is counted as something that needs a person. */
export function needsPerson({ what, kind }: Observation): boolean {
  // A client secret seeded by hand is reported too, and is what the README asks people to do.
  return kind !== undefined && FOR_A_PERSON.has(kind) && what !== 'client secret seeded by hand';
}
