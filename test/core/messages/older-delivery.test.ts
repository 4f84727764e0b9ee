import { digestOf } from '../../../lambda/core/digest';
import { withDelivery, withNewest } from '../../../lambda/core/journal/transitions';
import { installNewSecret } from '../../../lambda/core/messages/new-secret';
import { reconcile } from '../../../lambda/core/reconcile/one';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { DAY, HOUR, MINUTE } from '../../../lambda/core/time';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, delivery, entry } from '../entries';
import { OneApplication } from '../one-application';

const SWEEP: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };
const DELIVERED = ADDED + 2 * DAY;

/** Two deliveries wait; the older is promoted, and the store function is killed before it announces. */
function olderPromoted(): { one: OneApplication; older: ReturnType<typeof delivery> } {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  const seeded = digestOf('seeded');
  one.journal(entry({ baseline: { digest: seeded, since: ADDED }, proven: [seeded] }));
  const older = delivery({
    digest: digestOf('older'),
    clientSecret: 'older',
    eventTime: DELIVERED,
    notificationId: 'n1',
  });
  const newer = delivery({
    digest: digestOf('newest'),
    clientSecret: 'newest',
    eventTime: DELIVERED + HOUR,
    notificationId: 'n2',
  });
  one.clock.advance(2 * DAY + 2 * HOUR);
  one.another((before) => withNewest(withDelivery(before, older), newer, 'staged'));
  one.store('newest', 'AWSPENDING');
  one.accepted.add('older');
  return { one, older };
}
test.each([false, true])(
  'consumers are told of an older delivery whose function was killed after the promotion; a sweep in between: %s',
  async (sweeps) => {
    const { one, older } = olderPromoted();
    jest.spyOn(one.application.ports.events, 'publish').mockRejectedValueOnce(new Error('killed'));
    await expect(installNewSecret(one.application, older, 1)).rejects.toThrow('killed');
    expect(one.secretIn('AWSCURRENT')).toBe('older');
    if (sweeps) {
      one.clock.advance(MINUTE);
      await reconcile(one.application, SWEEP);
    }
    expect(one.published.filter(({ type }) => type === DETAIL_TYPE.rotated)).toEqual([]);
    expect(await installNewSecret(one.application, older, 2)).toBeUndefined();
    expect(one.published.filter(({ type }) => type === DETAIL_TYPE.rotated)).toHaveLength(1);
  },
);
test.each([false, true])(
  'the journal knows an older delivery as announced; a sweep before the announcement: %s',
  async (sweeps) => {
    const { one, older } = olderPromoted();
    const { events } = one.application.ports;
    const publish = events.publish.bind(events);
    jest.spyOn(events, 'publish').mockImplementation(async (...args) => {
      if (sweeps && args[0] === DETAIL_TYPE.rotated) {
        await reconcile(one.application, SWEEP);
      }
      await publish(...args);
    });
    expect(await installNewSecret(one.application, older, 1)).toBeUndefined();
    expect(one.entry()).toMatchObject({
      baseline: { digest: digestOf('older'), since: DELIVERED },
      expiry: { source: 'new-secret' },
      superseded: [digestOf('seeded')],
    });
  },
);
