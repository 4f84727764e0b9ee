import { OVERLAP_DAYS } from '../../lib/contract/amazon';
import { classifyTokenAnswer } from './amazon-answer';
import type { Application } from './application';
import { DAY } from './instant';
import type { Delivery } from './notification';
import type { State } from './state';

/**
 * Whether the client secret that a person stored in AWSCURRENT came after a delivered one, where their dates do not tell.
 *
 * LWA forgets a replaced client secret after the overlap, and knows the one that replaced it. Before the overlap is over it
 * knows both, and a delivered one perhaps not yet: nothing is concluded.
 */
export async function isOvertaken(
  application: Application,
  delivered: Pick<Delivery, 'clientId' | 'clientSecret' | 'eventTime'>,
  { current }: State,
): Promise<boolean> {
  const { clock, lwa } = application.ports;
  if (clock.now() < delivered.eventTime + OVERLAP_DAYS * DAY) {
    return false;
  }
  const { clientId, clientSecret } = delivered;
  const [ofCurrent, ofDelivered] = await Promise.all(
    [current.credentials, { clientId, clientSecret }].map(async (pair) =>
      classifyTokenAnswer(await lwa.exchange(pair)),
    ),
  );
  return ofCurrent?.answer === 'granted' && ofDelivered?.answer === 'invalid-client';
}
