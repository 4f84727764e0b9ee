import { answerOf, failed, type Conclusion } from '../../../lambda/core/reconcile/answer';
import { failure } from '../../../lambda/core/failure';
import { DAY } from '../../../lambda/core/time';
import { ADDED, CLIENT_ID, entry, newest } from '../entries';
import { OneApplication } from '../one-application';

const { application } = new OneApplication();
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret';

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
  expect(answerOf(application, conclusion({ subject: { clientId: CLIENT_ID, entry: estimated } }))).toMatchObject({
    secretExpiry: new Date(ADDED + 180 * DAY).toISOString(),
    secretExpiryEstimated: true,
    previousSecretExpiry: undefined,
    due: new Date(ADDED + 120 * DAY).toISOString(),
  });
  const delivered = entry({
    newest: newest({ eventTime: ADDED }),
    expiry: { at: ADDED + 90 * DAY, source: 'new-secret' },
  });
  expect(answerOf(application, conclusion({ subject: { clientId: CLIENT_ID, entry: delivered } }))).toMatchObject({
    secretExpiry: new Date(ADDED + 90 * DAY).toISOString(),
    secretExpiryEstimated: undefined,
    previousSecretExpiry: new Date(ADDED + 7 * DAY).toISOString(),
  });
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
        entry: entry({
          previousHubs: [{ hub: 'arn:aws:sqs:eu-west-1:123456789012:old', until: now - days * DAY }],
          expiry: { at: now, source: 'expiry-notice', ...(inherited === true && { inherited }) },
        }),
      },
    }),
  );
  expect(found.next.includes('The hub with the queue arn:aws:sqs:eu-west-1:123456789012:old looked')).toBe(isNamed);
  expect(found.next.includes(`register ${application.hub} instead`)).toBe(isNamed);
});
