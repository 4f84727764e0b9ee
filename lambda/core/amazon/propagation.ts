import { HOUR, type Instant } from '../time';

/** Propagation of a new client secret takes up to three hours; one that LWA still rejects after four is reported. */
const PROPAGATED_AFTER = 4 * HOUR;

export const PROPAGATING =
  'The new client secret is delivered, and LWA does not know it yet: that takes up to 3 hours. It is tried again automatically.';

/** When LWA must know a client secret. */
export function propagatedAt(since: Instant): Instant {
  return since + PROPAGATED_AFTER;
}

export function isPropagated(since: Instant, now: Instant): boolean {
  return now >= propagatedAt(since);
}
