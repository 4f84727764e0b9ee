import { failure } from '../../../lambda/core/failure';
import { failed, type Conclusion, type Subject } from '../../../lambda/core/reconcile/answer';
import { publishFailed, report } from '../../../lambda/core/reconcile/report';
import type { RotateRequest } from '../../../lambda/core/rotation/request';
import { DAY } from '../../../lambda/core/time';
import { DETAIL_TYPE } from '../../../lib/contract/event';
import { ADDED, CLIENT_ID, entry, headOf, HUB, newest, rotation } from '../entries';
import { OneApplication } from '../one-application';

const REQUEST: RotateRequest = { action: 'reconcile', application: undefined, force: false, requestedBy: 'me' };

/** What a run over this conclusion logs and publishes. */
async function reported(conclusion: Conclusion, now = ADDED) {
  const one = new OneApplication();
  one.clock.advance(now - ADDED);
  const publish = jest.spyOn(one.application.ports.events, 'publish');
  await report(one.application, REQUEST, conclusion);
  return { observed: one.observed, published: publish.mock.calls };
}

const subject: Subject = { clientId: CLIENT_ID, versionId: 'version' };

test('a healthy application is logged, and nothing is published', async () => {
  const { observed, published } = await reported({ subject, outcome: 'healthy', next: 'Rotates later.' });
  expect(observed).toEqual([
    {
      what: 'application looked at',
      application: 'App',
      clientId: CLIENT_ID,
      outcome: 'healthy',
      versionId: 'version',
      requestedBy: 'me',
      next: 'Rotates later.',
    },
  ]);
  expect(published).toEqual([]);
});

test('a failure is logged with the call that failed, and published without dates where there is no journal', async () => {
  const { application } = new OneApplication();
  const why = { ...failure(application, 'unreachable', 'request-1'), operation: 'ssm:GetParameters', code: 'Broken' };
  const { observed, published } = await reported(failed(subject, why));
  expect(observed).toMatchObject([
    { what: 'application looked at', outcome: 'failed', kind: 'unreachable', requestId: 'request-1', code: 'Broken' },
  ]);
  expect(published).toEqual([
    [
      DETAIL_TYPE.failed,
      {
        hub: HUB,
        application: 'App',
        clientId: CLIENT_ID,
        secretArn: expect.any(String) as string,
        versionId: 'version',
        kind: 'unreachable',
      },
    ],
  ]);
});

test('a stall is an event of its own, about the rotation, with the dates of the journal', async () => {
  const { application } = new OneApplication();
  const stalled = entry({
    rotation: rotation({ id: 'rotation-1', at: ADDED }),
    newest: newest({ eventTime: ADDED }),
  });
  const why = failure(application, 'stalled');
  const { observed, published } = await reported(failed({ ...subject, head: headOf(stalled) }, why));
  expect(observed).toMatchObject([{ what: 'rotation stalled', outcome: 'stalled' }]);
  expect(published).toMatchObject([
    [
      DETAIL_TYPE.stalled,
      {
        versionId: 'rotation-1',
        kind: 'stalled',
        clientSecretExpiryTime: new Date(ADDED + 7 * DAY).toISOString(),
        oldClientSecretExpiryTime: new Date(ADDED + 7 * DAY).toISOString(),
      },
    ],
  ]);
});

test.each([
  ['stalled', 'rotation-1'],
  ['needs-person', 'rotation-1'],
  ['refused', 'version'],
] as const)('a failure of the kind %s is about %s', async (kind, versionId) => {
  const one = new OneApplication();
  const about = { ...subject, head: headOf(entry({ rotation: rotation({ id: 'rotation-1', at: ADDED }) })) };
  await publishFailed(one.application, about, kind);
  await publishFailed(one.application, subject, kind);
  await publishFailed(one.application, { ...subject, head: headOf(entry()) }, kind);
  await publishFailed(one.application, { clientId: CLIENT_ID }, kind);
  expect(one.published.map((event) => event.versionId)).toEqual([versionId, 'version', 'version', '']);
});

test('the last day of a client secret whose successor is not current is logged', async () => {
  const waiting = entry({ newest: newest({ eventTime: ADDED, announced: false }) });
  const conclusion: Conclusion = {
    subject: { ...subject, head: headOf(waiting) },
    outcome: 'in-flight',
    next: 'Waits.',
  };
  const { observed: before } = await reported(conclusion, ADDED + 6 * DAY - 1);
  expect(before).toHaveLength(1);
  const { observed } = await reported(conclusion, ADDED + 6 * DAY + 1_000);
  expect(observed[1]).toEqual({
    what: 'client secret dying',
    application: 'App',
    clientId: CLIENT_ID,
    seconds: 86_399,
    next: `The client secret in use stops working on ${new Date(ADDED + 7 * DAY).toISOString()}, and the new one is not in its place. Waits.`,
  });
  const { observed: settled } = await reported(
    { ...conclusion, subject: { ...subject, head: headOf(entry()) } },
    ADDED + DAY,
  );
  expect(settled).toHaveLength(1);
});
