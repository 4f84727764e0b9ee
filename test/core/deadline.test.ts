import { withDeadline } from '../../lambda/core/deadline';
import { DETAIL_TYPE, type EventDetail } from '../../lib/contract/event';
import { ADDED } from './entries';
import { OneApplication } from './one-application';

test.each(['secrets', 'lwa', 'spApi', 'queue', 'events'] as const)(
  'no call of %s begins at the deadline, and all do before',
  async (port) => {
    const one = new OneApplication();
    const ports = withDeadline(one.application.ports, ADDED + 1);
    const calls = {
      secrets: () => ports.secrets.describe(),
      lwa: () => ports.lwa.exchange({ clientId: '', clientSecret: '' }),
      spApi: () => ports.spApi.rotateClientSecret(''),
      queue: () => ports.queue.attributes(),
      events: () => ports.events.publish(DETAIL_TYPE.rotated, { versionId: '' } as EventDetail),
    };
    await calls[port]();
    one.clock.advance(1);
    await expect(calls[port]()).rejects.toMatchObject({ code: 'OutOfTime' });
  },
);
