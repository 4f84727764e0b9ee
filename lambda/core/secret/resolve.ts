import { OVERLAP_DAYS } from '../../../lib/contract/amazon';
import { classifyTokenAnswer } from '../amazon/answers';
import type { Delivery } from '../amazon/notification';
import { isPropagated } from '../amazon/propagation';
import type { JournalEntry } from '../journal/entry';
import { append, type JournalHead } from '../journal/log';
import { withDeliverySuperseded, withStoredSuperseded } from '../journal/transitions';
import type { Application } from '../ports';
import { DAY } from '../time';
import type { CurrentSecret } from './read';

type Newer = 'stored' | 'delivered' | 'unknown';

/** Which of two client secrets is the newer: written into the journal, which knows it from now on. */
export interface Resolution {
  readonly newer: Newer;
  readonly head: JournalHead;
}

/**
 * Decides between a delivered client secret and one that a person stored in AWSCURRENT, where their dates do not tell which
 * was made later.
 */
export async function resolveConflict(
  application: Application,
  delivered: Delivery,
  current: CurrentSecret,
  head: JournalHead,
): Promise<Resolution> {
  const newer = await newerByLogin(application, delivered, current);
  const change: Record<Newer, (entry: JournalEntry) => JournalEntry | undefined> = {
    stored: (entry) => withDeliverySuperseded(entry, delivered.digest, current.digest),
    delivered: (entry) => withStoredSuperseded(entry, current.digest),
    unknown: () => undefined,
  };
  const written = await append(application, head, change[newer]);
  // Superseded before, and in the way again: somebody writes in between. The next run sees what.
  return { newer: newer === 'delivered' && written === head ? 'unknown' : newer, head: written };
}

/**
 * LWA forgets a superseded client secret after the overlap, and knows the one that took its place. While it may know both, or
 * one not yet, nothing is concluded.
 */
async function newerByLogin(
  application: Application,
  { clientId, clientSecret, eventTime }: Delivery,
  current: CurrentSecret,
): Promise<Newer> {
  const { clock, lwa } = application.ports;
  const mayBeForgotten = clock.now() >= eventTime + OVERLAP_DAYS * DAY;
  const mustBeKnown = isPropagated(current.createdAt, clock.now());
  if (!mayBeForgotten && !mustBeKnown) {
    return 'unknown';
  }
  const answers = await Promise.all(
    [current.credentials, { clientId, clientSecret }].map(async (credentials) =>
      classifyTokenAnswer(await lwa.exchange(credentials)),
    ),
  );
  const [stored, delivered] = answers.map(({ answer }) => answer);
  if (mayBeForgotten && stored === 'granted' && delivered === 'invalid-client') {
    return 'stored';
  }
  return mustBeKnown && stored === 'invalid-client' && delivered === 'granted' ? 'delivered' : 'unknown';
}
