import { digestOf } from '../../lambda/core/digest';
import { DAY } from '../../lambda/core/instant';
import { withAnnounced, withNewest } from '../../lambda/core/journal';
import { CallFailed } from '../../lambda/core/ports';
import { reconcile } from '../../lambda/core/reconcile';
import type { RotateRequest } from '../../lambda/core/request';
import { DETAIL_TYPE } from '../../lib/contract/event';
import { ADDED, delivery, entry } from './entries';
import { OneApplication } from './one-application';

const RECONCILE: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: undefined };

test.each(['status', 'check'] as const)('%s writes nothing, not even the first entry of a journal', async (action) => {
  const one = new OneApplication();
  one.store('seeded');
  one.accepted.add('seeded');
  const before = one.secretsManager.inspect(one.secretArn);
  expect(await reconcile(one.application, { ...RECONCILE, action })).toMatchObject({ outcome: 'healthy' });
  expect(one.secretsManager.inspect(one.secretArn)).toEqual(before);
});

describe('a superseded client secret that somebody wrote back', () => {
  function writtenBack(): OneApplication {
    const one = new OneApplication();
    const newest = delivery({ digest: digestOf('newest'), clientSecret: 'newest', eventTime: ADDED + DAY });
    one.clock.advance(2 * DAY);
    one.store('newest');
    const before = entry({ baseline: { digest: digestOf('old'), since: ADDED } });
    one.journal(withAnnounced(withNewest(before, newest, one.idOf('AWSCURRENT') ?? ''), newest));
    one.store('old');
    one.accepted.add('old').add('newest');
    return one;
  }

  test('is replaced by the newest, and consumers are told of both', async () => {
    const one = writtenBack();
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.textOf('AWSCURRENT')).toContain('newest');
    expect(one.published.map(({ type }) => type)).toEqual([DETAIL_TYPE.failed, DETAIL_TYPE.rotated]);
  });

  test('is told of by the next run where this one ends before it could tell', async () => {
    const one = writtenBack();
    const { events } = one.application.ports;
    const publish = events.publish.bind(events);
    const failing = jest.spyOn(events, 'publish').mockImplementation((type, detail) => {
      if (type === DETAIL_TYPE.rotated) {
        throw new CallFailed('events:PutEvents', 'Unreachable');
      }
      return publish(type, detail);
    });
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'failed', kind: 'unreachable' });
    expect(one.textOf('AWSCURRENT')).toContain('newest');
    failing.mockRestore();
    expect(await reconcile(one.application, RECONCILE)).toMatchObject({ outcome: 'promoted' });
    expect(one.published).toContainEqual({ type: DETAIL_TYPE.rotated, versionId: one.idOf('AWSCURRENT') });
  });
});
