import { answerOf, failed, type Conclusion } from '../../../lambda/core/reconcile/answer';
import { failure } from '../../../lambda/core/failure';
import type { JournalEntry } from '../../../lambda/core/journal/entry';
import { DAY } from '../../../lambda/core/time';
import { ADDED, CLIENT_ID, entry, headOf, newest, rotation } from '../entries';
import { OneApplication } from '../one-application';

const { application } = new OneApplication();
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret';

const WHO = { reason: 'person', requestedBy: 'me', requestId: 'request-1' } as const;
const ASKED = rotation({ at: ADDED, ...WHO });
const TOLD = { at: new Date(ADDED).toISOString(), ...WHO };

function conclusion(changes: Partial<Conclusion> = {}): Conclusion {
  return { subject: { clientId: CLIENT_ID }, outcome: 'healthy', next: 'Nothing to do.', ...changes };
}

test('an answer without a journal has no dates', () => {
  expect(answerOf(application, conclusion())).toEqual({
    application: 'App',
    secretName: 'app',
    secretArn: application.settings.secretArn,
    clientId: CLIENT_ID,
    outcome: 'healthy',
    next: 'Nothing to do.',
  });
});

test.each([
  [`${ARN}:app-KiGlgA`, undefined, 'app'],
  [`${ARN}:sp-api/my-secret`, 'sp-api/my-secret', 'sp-api/my-secret'],
])('of the secret %s the name is %s if the settings say so', (secretArn, secretName, name) => {
  const settings = { ...application.settings, secretArn, ...(secretName !== undefined && { secretName }) };
  expect(answerOf({ ...application, settings }, conclusion())).toMatchObject({ secretArn, secretName: name });
});

test('an answer has the dates of the journal, and says which is estimated', () => {
  const estimated = entry();
  expect(
    answerOf(application, conclusion({ subject: { clientId: CLIENT_ID, head: headOf(estimated) } })),
  ).toMatchObject({
    worksUntil: new Date(ADDED + 180 * DAY).toISOString(),
    worksUntilEstimated: true,
    previousWorksUntil: undefined,
    due: new Date(ADDED + 120 * DAY).toISOString(),
  });
  const delivered = entry({
    newest: newest({ eventTime: ADDED }),
    expiry: { at: ADDED + 90 * DAY, source: 'new-secret' },
  });
  expect(
    answerOf(
      application,
      conclusion({ subject: { clientId: CLIENT_ID, digest: 'delivered', head: headOf(delivered) } }),
    ),
  ).toMatchObject({
    worksUntil: new Date(ADDED + 90 * DAY).toISOString(),
    worksUntilEstimated: undefined,
    previousWorksUntil: new Date(ADDED + 7 * DAY).toISOString(),
  });
});

test.each([
  ['nothing', {}, undefined],
  ['a refusal', { rotation: { ...ASKED, outcome: 'refused' } }, { ...TOLD, outcome: 'refused' }],
  ['an unclear answer', { rotation: { ...ASKED, outcome: 'open' } }, { ...TOLD, outcome: 'ambiguous' }],
  ['a rotation', { rotation: ASKED, newest: newest({ eventTime: ADDED - DAY }) }, { ...TOLD, outcome: 'accepted' }],
  ['a delivery', { newest: newest({ eventTime: ADDED, ...WHO }) }, { ...TOLD, outcome: 'delivered' }],
] as const)('an answer tells of the last rotation: %s', (_, changes, lastRotation) => {
  const subject = { clientId: CLIENT_ID, head: headOf(entry(changes)) };
  expect(answerOf(application, conclusion({ subject })).lastRotation).toEqual(lastRotation);
});

test.each([
  ['stalled', 'stalled', true],
  ['stalled', 'refused', false],
  ['stalled', undefined, false],
] as const)('found %s, answered %s: since when', (found, kind, isTold) => {
  const subject = { clientId: CLIENT_ID, head: headOf(entry({ finding: { kind: found, since: ADDED } })) };
  const since = isTold ? new Date(ADDED).toISOString() : undefined;
  expect(answerOf(application, conclusion({ subject, ...(kind && { kind }) })).since).toBe(since);
});

test.each([
  ['not-seeded', 'not-seeded'],
  ['stalled', 'stalled'],
  ['refused', 'failed'],
] as const)('a failure of the kind %s is the outcome %s', (kind, outcome) => {
  const why = failure(application, kind);
  const subject = { clientId: CLIENT_ID };
  expect(failed(subject, why)).toEqual({ subject, outcome, kind, next: why.next, failure: why });
});

test.each([
  ['lately', 6, undefined, true],
  ['long ago, and nothing has come through the queue since', 400, true, true],
  ['long ago', 400, undefined, false],
])('an answer names the queue of the hub that looked after the secret %s', (_, days, inherited, isNamed) => {
  const now = application.ports.clock.now();
  const found = answerOf(
    application,
    conclusion({
      subject: {
        clientId: CLIENT_ID,
        head: {
          versionId: '',
          entry: entry({
            previousHubs: [{ hub: 'arn:aws:sqs:eu-west-1:123456789012:old', until: now - days * DAY }],
            expiry: { at: now, source: 'expiry-notice', ...(inherited === true && { inherited }) },
          }),
        },
      },
    }),
  );
  expect(found.next.includes('The hub with the queue arn:aws:sqs:eu-west-1:123456789012:old looked')).toBe(isNamed);
  expect(found.next.includes(`register ${application.hub} instead`)).toBe(isNamed);
});

test.each<[string, Partial<JournalEntry>, Partial<Conclusion>, boolean]>([
  ['nothing came', {}, {}, true],
  ['a notice came that anybody can have written', { expiry: { at: ADDED + DAY, source: 'expiry-notice' } }, {}, true],
  ['a notice came that proves it', { heard: { at: ADDED, by: 'expiry-notice' } }, {}, false],
  ['a new secret without a date came', { newest: newest({ eventTime: ADDED }) }, {}, false],
  ['nothing came, and something else is wrong', {}, { outcome: 'failed', kind: 'not-enrolled' }, false],
])('a healthy answer says that nothing proves the queue to be registered: %s', (_, known, ended, isSaid) => {
  const subject = { clientId: CLIENT_ID, head: headOf(entry(known)) };
  const { next } = answerOf(application, conclusion({ outcome: 'healthy', ...ended, subject }));
  expect(
    next.includes(
      `Nothing has proved yet that this hub's queue is registered with Amazon for this application: ${application.hub}`,
    ),
  ).toBe(isSaid);
});
