import { OVERLAP_DAYS } from '../../../lib/contract/amazon';
import { classifyTokenAnswer } from '../amazon/answers';
import type { Application } from '../application';
import { DAY } from '../time';
import { withOvertaken, withSuperseded, type JournalEntry } from '../journal/entry';
import { append } from '../journal/log';
import type { Delivery } from '../amazon/notification';
import { isPropagated } from '../amazon/propagation';
import type { JournalHead, State } from './read';

type Later = 'stored' | 'delivered' | 'unknown';

/** What came of asking which is the later: written into the journal, which from now on knows it. */
export interface Arbitration {
  readonly later: Later;
  readonly head: JournalHead;
}

/**
 * Decides between a delivered client secret and one that a person stored in AWSCURRENT, where their dates do not tell which
 * was made later.
 */
export async function arbitrate(
  application: Application,
  delivered: Pick<Delivery, 'clientId' | 'clientSecret' | 'digest' | 'eventTime'>,
  state: State,
  head: JournalHead,
): Promise<Arbitration> {
  const later = await laterByLogin(application, delivered, state);
  const change: Record<Later, (entry: JournalEntry) => JournalEntry | undefined> = {
    stored: (entry) => withOvertaken(entry, delivered.digest),
    delivered: (entry) => withSuperseded(entry, state.current.digest),
    unknown: () => undefined,
  };
  const written = await append(application, head, change[later]);
  // Superseded before, and in the way again: somebody writes in between. The next run sees what.
  return { later: later === 'delivered' && written === head ? 'unknown' : later, head: written };
}

/**
 * LWA forgets a replaced client secret after the overlap, and knows the one that replaced it. While it may know both, or one
 * not yet, nothing is concluded.
 */
async function laterByLogin(
  application: Application,
  { clientId, clientSecret, eventTime }: Pick<Delivery, 'clientId' | 'clientSecret' | 'eventTime'>,
  { current }: State,
): Promise<Later> {
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
