import { nextEntryId } from '../../../lambda/core/digest';
import { SECOND } from '../../../lambda/core/time';
import { withIntent } from '../../../lambda/core/journal/transitions';
import { rotate, type Rotated } from '../../../lambda/core/rotation/rotate';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, CLIENT_ID, entry } from '../entries';
import { OneApplication } from '../one-application';

const ROTATE = { action: 'rotate', application: 'App', force: false, requestedBy: undefined } as const;

/** Taken on, with a client secret that LWA knows. */
function takenOn(): OneApplication {
  const one = new OneApplication();
  one.store('current');
  one.accepted.add('current');
  one.journal(entry());
  return one;
}

async function rotateWithin(one: OneApplication, milliseconds: number): Promise<Rotated> {
  const ports = { ...one.application.ports, deadline: ADDED + milliseconds };
  return rotate({ ...one.application, ports }, await one.state(), one.head(), ROTATE);
}

test('with just enough time the rotation is requested', async () => {
  const one = takenOn();
  expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({ result: 'requested' });
  expect(one.entry().rotation).toMatchObject({ outcome: 'accepted' });
  expect(one.posts).toBe(1);
});

test('without time for the POST and for recording its outcome, no rotation is announced or requested', async () => {
  const one = takenOn();
  expect(await rotateWithin(one, 40 * SECOND - 1)).toEqual({ result: 'no-time' });
  expect(one.entry()).toEqual(entry());
  expect(one.posts).toBe(0);
});

test('no rotation is requested if the queue would refuse the new client secret', async () => {
  const one = takenOn();
  jest.spyOn(one.application.ports.queue, 'attributes').mockResolvedValue(undefined);
  expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({
    result: 'failed',
    failure: { kind: 'preflight-queue' },
  });
  expect(one.asked).toEqual([]);
  expect(one.posts).toBe(0);
});

test('no rotation is requested if a longer client secret may not fit', async () => {
  const one = takenOn();
  one.put('AWSCURRENT', JSON.stringify({ clientId: CLIENT_ID, clientSecret: 'current', other: 'x'.repeat(65_000) }));
  expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({ result: 'failed', failure: { kind: 'needs-person' } });
  expect(one.posts).toBe(0);
});

test.each(['managed-rotation', 'replica'] as const)(
  'where something else writes the secret (%s), nothing is asked for',
  async (rival) => {
    const one = takenOn();
    const { secrets } = one.application.ports;
    const description = await secrets.describe();
    jest.spyOn(secrets, 'describe').mockResolvedValue({ ...description, rival });
    expect(await rotateWithin(one, 40 * SECOND)).toMatchObject({ result: 'failed', failure: { kind: 'needs-person' } });
    expect(one.posts).toBe(0);
  },
);

test('a run does not rotate if another run claimed the rotation first', async () => {
  const one = takenOn();
  one.before = {
    call: 'secretsmanager:PutSecretValue',
    act: () => {
      one.another((before) => withIntent(before, { id: 'theirs', at: ADDED, reason: 'schedule' }));
    },
  };
  expect(await rotateWithin(one, 40 * SECOND)).toEqual({ result: 'lost-race' });
  expect(one.posts).toBe(0);
});

describe('what Amazon answers', () => {
  /** Asked by a person. Amazon answers with a request id. */
  async function answered(status: number) {
    const one = takenOn();
    jest
      .spyOn(one.application.ports.spApi, 'rotateClientSecret')
      .mockResolvedValue({ status, body: '', requestId: 'request-1' });
    const publish = jest.spyOn(one.application.ports.events, 'publish');
    const id = nextEntryId(one.head().versionId, one.entry().nonce);
    const request = { ...ROTATE, requestedBy: 'me' };
    const rotated = await rotate(one.application, await one.state(), one.head(), request);
    return { one, id, rotated, published: publish.mock.calls };
  }

  const logged = {
    application: 'App',
    clientId: CLIENT_ID,
    reason: 'person',
    requestedBy: 'me',
    requestId: 'request-1',
  };

  test('if it accepts, is logged, written down and published', async () => {
    const { one, id, rotated, published } = await answered(204);
    expect(rotated).toEqual({ result: 'requested', rotationId: id, head: one.head() });
    expect(one.observed).toEqual([{ what: 'rotation requested', ...logged }]);
    expect(one.entry().rotation).toMatchObject({ id, outcome: 'accepted', requestId: 'request-1' });
    expect(published).toMatchObject([
      [
        DETAIL_TYPE.requested,
        { application: 'App', clientId: CLIENT_ID, versionId: id, reason: 'person', requestedBy: 'me' },
      ],
    ]);
  });

  test('if it refuses, is logged and written down', async () => {
    const { one, id, rotated, published } = await answered(403);
    expect(rotated).toMatchObject({
      result: 'failed',
      rotationId: id,
      failure: { requestId: 'request-1' },
      head: one.head(),
    });
    const { kind } = 'failure' in rotated ? rotated.failure : { kind: undefined };
    expect(one.observed).toMatchObject([{ what: 'rotation refused', ...logged, kind }]);
    expect(one.entry().rotation).toMatchObject({
      id,
      outcome: 'refused',
      refusals: 1,
      refusedAt: ADDED,
      kind,
      requestId: 'request-1',
    });
    expect(published).toEqual([]);
  });

  test('if it leaves open whether it rotated, is logged, and the intent stays open', async () => {
    const { one, id, rotated, published } = await answered(500);
    expect(rotated).toMatchObject({ result: 'failed', rotationId: id, failure: { kind: 'ambiguous' } });
    expect(one.observed).toMatchObject([{ what: 'rotation ambiguous', ...logged, kind: 'ambiguous' }]);
    expect(one.entry().rotation).toMatchObject({ id, outcome: 'open' });
    expect(published).toEqual([]);
  });
});
