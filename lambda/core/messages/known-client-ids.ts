import type { Directory } from '../ports';
import { SECOND, type Instant } from '../time';

/** For how long a look at the applications is believed, by our clock. */
const LATELY = 30 * SECOND;

/** By less than this the clocks within SQS differ. */
const MARGIN = 2 * SECOND;

/** When a look was begun. */
interface Look {
  readonly at: Instant;
  /** When SQS gave out, by its own clock, a message that had come by then. */
  readonly received: Instant;
}

const NEVER: Look = { at: Number.NEGATIVE_INFINITY, received: Number.NEGATIVE_INFINITY };

/**
 * The client ids that the applications of the hub have, as a process saw them last: a flood of messages for others need not have
 * all settings and secrets read again for each few of them. It holds no client secret.
 */
export class KnownClientIds {
  private clientIds: ReadonlySet<string> = new Set();
  private look = NEVER;

  /** @param look when reading began: an application that was added later may be missing */
  remember(directory: Directory, look: Look): void {
    const known = directory.flatMap(([, stored]) => (typeof stored === 'string' ? [] : [stored.clientId]));
    // Where one could not be read, the client id may be that one's.
    this.look = known.length === directory.length ? look : NEVER;
    this.clientIds = new Set(known);
  }

  /**
   * Whether nobody had the client id in a look that was begun after the message was sent: an application that was added before is in
   * it. `false`: it takes another look to know.
   *
   * @param sentAt by the clock of SQS
   * @param now by ours: the two are never compared
   */
  isUnknown(clientId: string, sentAt: Instant, now: Instant): boolean {
    const { at, received } = this.look;
    return sentAt + MARGIN <= received && now < at + LATELY && !this.clientIds.has(clientId);
  }
}
