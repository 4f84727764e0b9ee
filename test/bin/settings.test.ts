import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SettingsProblem } from '../../bin/app/settings';
import { createApp, STACK_NAME } from '../../bin/app/stack';

const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:sp-api/orders-AbCdEf';
const OTHER_ARN = ARN.replace('orders', 'returns');

const TOPIC = 'arn:aws:sns:us-east-1:111122223333:on-call';
const EMAIL = 'on-call@example.com';

const OFFICE = { opensAt: '09:00', closesAt: '16:00', timeZone: 'Europe/Berlin' };

function problem(context: Record<string, unknown>): string {
  try {
    createApp(context);
  } catch (error) {
    if (error instanceof SettingsProblem) {
      return error.message;
    }
    throw error;
  }
  throw new Error('there was no problem');
}

/** The problem with one application that is otherwise right. */
function applicationProblem(application: Record<string, unknown>): string {
  const [first, ...lines] = problem({ applications: [{ id: 'Orders', ...application }] }).split('\n');
  expect(first).toBe('The CDK context cannot be used:');
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

function stackOf(context: Record<string, unknown>): Stack {
  const stack = createApp(context).node.findChild(STACK_NAME);
  if (!Stack.isStack(stack)) {
    throw new Error('the app has no stack');
  }
  return stack;
}

function template(context: Record<string, unknown>): Template {
  return Template.fromStack(stackOf(context));
}

function settings(context: Record<string, unknown>): unknown[] {
  return Object.values(template(context).findResources('AWS::SSM::Parameter')).map(
    ({ Properties }: { Properties?: { Value: unknown } }) =>
      typeof Properties?.Value === 'string' ? (JSON.parse(Properties.Value) as unknown) : Properties?.Value,
  );
}

const everyKey = {
  id: 'Orders',
  secretArn: ARN,
  region: 'EUROPE',
  rotateAfterDays: 60,
  clientIdField: 'AppClientId',
  clientSecretField: 'AppClientSecret',
};

describe('the alarms', () => {
  function actions(found: Template): unknown[] {
    return Object.values(found.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }: { Properties?: { AlarmActions?: unknown } }) => Properties?.AlarmActions,
    );
  }

  test('tell the e-mail address', () => {
    const found = template({ applications: [everyKey], alarmEmail: EMAIL });
    const [topic] = Object.keys(found.findResources('AWS::SNS::Topic'));
    expect(new Set(actions(found).map((one) => JSON.stringify(one)))).toEqual(new Set([`[{"Ref":"${topic}"}]`]));
    found.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: EMAIL,
      TopicArn: { Ref: topic },
    });
    const onlyWithTls = { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    found.hasResourceProperties('AWS::SNS::TopicPolicy', {
      Topics: [{ Ref: topic }],
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(onlyWithTls)]) },
    });
  });

  test('tell the topic', () => {
    const found = template({ applications: [everyKey], alarmTopicArn: TOPIC });
    expect(new Set(actions(found).map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify([TOPIC])]));
    found.resourceCountIs('AWS::SNS::Topic', 0);
  });

  test('tell nobody otherwise, which is said in the words of the app', () => {
    const stack = stackOf({ applications: [everyKey] });
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('notifies anybody'));
    expect(warnings.map(({ entry }) => entry.data)).toEqual([expect.stringContaining('add -c alarmEmail=')]);
  });
});

describe('applications', () => {
  test.each([
    ['text, as the command line gives it', JSON.stringify([everyKey])],
    ['an array, as cdk.json gives it', [everyKey]],
  ])('are taken from %s', (_, applications) => {
    expect(settings({ applications })).toEqual([
      {
        id: 'Orders',
        secretArn: ARN,
        endpoint: 'https://sellingpartnerapi-eu.amazon.com',
        rotateAfterDays: 60,
        mode: 'AUTOMATIC',
        clientIdField: 'AppClientId',
        clientSecretField: 'AppClientSecret',
      },
    ]);
  });

  test.each([
    ['NORTH_AMERICA', 'https://sellingpartnerapi-na.amazon.com'],
    ['FAR_EAST', 'https://sellingpartnerapi-fe.amazon.com'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ])('are in the region %s', (region, endpoint) => {
    expect(settings({ applications: [{ ...everyKey, region }] })).toMatchObject([{ endpoint }]);
  });

  test('can keep the client id out of the secret, which then holds the client secret alone', () => {
    const clientId = 'amzn1.application-oa2-client.0123456789abcdef';
    const [found] = settings({ applications: [{ id: 'Orders', secretArn: ARN, clientId }] });
    expect(found).toMatchObject({ clientId, clientSecretField: '' });
  });

  test('have a rotation window of their own, or that of the hub', () => {
    const applications = [
      everyKey,
      { id: 'Returns', secretArn: OTHER_ARN, rotationWindow: { ...OFFICE, days: ['SUNDAY'] } },
    ];
    const everyDay = { days: [1, 2, 3, 4, 5, 6, 7], from: 540, to: 960, timeZone: 'Europe/Berlin' };
    const expected = [{ rotationWindow: everyDay }, { rotationWindow: { ...everyDay, days: [7] } }];
    for (const rotationWindow of [OFFICE, JSON.stringify(OFFICE)]) {
      expect(settings({ applications, rotationWindow })).toMatchObject(expected);
    }
  });

  test('need nothing but an id, and say where their secret is', () => {
    const found = template({ applications: [{ id: 'Orders' }] });
    found.resourceCountIs('AWS::SecretsManager::Secret', 1);
    const outputs = (found.toJSON() as { Outputs: Record<string, { Description: string }> }).Outputs;
    expect(Object.values(outputs).map(({ Description }) => Description)).toContain(
      'Seed this secret with the client id and client secret of Orders, unless it has them already',
    );
  });

  test('cannot have a secret whose ARN lacks its suffix: it could look as if it had one', () => {
    expect(applicationProblem({ secretArn: ARN.replace(/-AbCdEf$/, '') })).toContain('allowed: the complete ARN');
  });
});

test('mode and lwaTokenUrl are those of the hub', () => {
  const context = { applications: [everyKey], mode: 'NOTIFY_ONLY', lwaTokenUrl: 'http://localhost:8080/token' };
  expect(settings(context)).toMatchObject([{ mode: 'NOTIFY_ONLY' }]);
  template(context).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { LWA_TOKEN_URL: 'http://localhost:8080/token' } },
  });
});

test('an app can be put into a directory of the choice of its maker', () => {
  const app = createApp({ applications: [everyKey] }, { outdir: '/nowhere/in/particular' });
  expect(app).toBeInstanceOf(App);
  expect(app.outdir).toBe('/nowhere/in/particular');
});

describe('a problem says which application, which key, what was received and what is allowed', () => {
  test.each([{}, { applications: [] }, { applications: '[]' }])('no applications: %j', (context) => {
    expect(problem(context)).toBe(
      [
        'No applications are given. Name the applications whose client secrets are to be rotated, in cdk.json or with -c:',
        '',
        `  npx cdk deploy -c applications='[{"id":"MyApplication"}]' -c alarmEmail=on-call@example.com`,
        '',
        'Keys of an application: id, secretArn, region, rotateAfterDays, rotationWindow, clientId, clientIdField, clientSecretField; all but id are optional.',
      ].join('\n'),
    );
  });

  test('not JSON, without repeating it', () => {
    const message = problem({ applications: '[{id:amzn1.oa2-cs.v1.word}]' });
    expect(message).toBe(
      [
        'The value of "applications" is not JSON (the shell may have removed the quotes; you can also write it into cdk.json). Allowed: JSON, as in',
        '',
        `  npx cdk deploy -c applications='[{"id":"MyApplication"}]' -c alarmEmail=on-call@example.com`,
      ].join('\n'),
    );
  });

  test.each([
    ['{"id":"Orders"}', 'an object'],
    ['3', 'a number'],
    ['null', 'null'],
    ['"Orders"', 'a string'],
  ])('not an array: %s', (applications, received) => {
    expect(problem({ applications })).toBe(
      `The CDK context cannot be used:\n  - "applications": received ${received}; allowed: a JSON array with an object for each application`,
    );
  });

  test.each([
    ['Orders', 'a string'],
    [['Orders'], 'an array'],
    [null, 'null'],
  ])('not an object: %j', (application, received) => {
    expect(problem({ applications: [{ id: 'One' }, application] })).toBe(
      `The CDK context cannot be used:\n  - application number 2: received ${received}; allowed: an object with the keys id, secretArn, region, rotateAfterDays, rotationWindow, clientId, clientIdField, clientSecretField`,
    );
  });

  const days = 'a whole number of days from 8 to 150';
  const arn = 'the complete ARN of a secret, such as arn:aws:secretsmanager:us-east-1:111122223333:secret:name-AbCdEf';
  const field = 'the name of a key of the JSON object in the secret';
  const clientId = 'a client id, which begins with amzn1.application-oa2-client., for a secret that does not hold it';
  const window =
    'an object with opensAt, closesAt and timeZone, such as {"opensAt":"09:00","closesAt":"16:00","timeZone":"Europe/Berlin"}, and days, such as ["MONDAY"], if not every day';
  const region = 'NORTH_AMERICA, EUROPE, FAR_EAST or the URL of an endpoint';

  test.each<[string, unknown, string, string]>([
    ['secretArn', 'orders', '"orders"', arn],
    ['secretArn', 7, '7', arn],
    ['secretArn', '', '""', arn],
    ['rotateAfterDays', 7, '7', days],
    ['rotateAfterDays', 151, '151', days],
    ['rotateAfterDays', 8.5, '8.5', days],
    ['rotateAfterDays', '90', '"90"', days],
    ['rotateAfterDays', null, 'null', days],
    ['clientIdField', '', '""', field],
    ['clientSecretField', {}, 'an object', field],
    ['clientSecretField', 'amzn1.oa2-cs.v1.word', 'a text that could be a credential', field],
    ['clientId', 'Orders', '"Orders"', clientId],
    ['clientId', 'amzn1.oa2-cs.v1.word', 'a text that could be a credential', clientId],
    ['rotationWindow', '09:00-16:00', '"09:00-16:00"', window],
    ['rotationWindow', [], 'an array', window],
    ['rotationWindow', { opensAt: '09:00' }, 'an object', window],
    ['rotationWindow', { ...OFFICE, days: ['MON'] }, 'an object', window],
    ['rotationWindow', { ...OFFICE, from: '09:00' }, 'an object', window],
    [
      'rotationWindow',
      { ...OFFICE, opensAt: '9:00' },
      'an object',
      `${window} (opensAt of a RotationWindow must be a time from 00:00 to 23:45 in steps of 15 minutes, such as 09:30; received "9:00")`,
    ],
    ['region', 'europe', '"europe"', `${region} (as a URL, it is not a URL)`],
    ['region', 'toString', '"toString"', `${region} (as a URL, it is not a URL)`],
    ['region', true, 'true', region],
    [
      'region',
      'http://example.com',
      '"http://example.com"',
      `${region} (as a URL, it must be https (http only for a loopback address))`,
    ],
    [
      'region',
      'https://me:word@example.com',
      '"https://…@example.com"',
      `${region} (as a URL, it must not contain credentials)`,
    ],
  ])('%s %j', (key, value, received, allowed) => {
    expect(applicationProblem({ [key]: value })).toBe(
      `  - application "Orders", key "${key}": received ${received}; allowed: ${allowed}`,
    );
  });

  test('an id that is wrong', () => {
    expect(problem({ applications: [{ id: 'my app' }] })).toContain(
      '  - application number 1, key "id": received "my app"; allowed: 1 to 64 letters, digits, hyphens and underscores',
    );
  });

  test('an id that is missing', () => {
    expect(problem({ applications: [{ region: 'EUROPE' }] })).toContain(
      '  - application number 1, key "id": missing; allowed: 1 to 64 letters, digits, hyphens and underscores',
    );
  });

  test('an unknown key, without repeating its value', () => {
    const line = applicationProblem({ clientSecret: 'word' });
    expect(line).toBe(
      '  - application "Orders", key "clientSecret": there is no such key; allowed: id, secretArn, region, rotateAfterDays, rotationWindow, clientId, clientIdField, clientSecretField',
    );
  });

  test.each([
    ['id', [{ id: 'Orders' }, { id: 'Orders' }], '"Orders"'],
    [
      'secretArn',
      [
        { id: 'One', secretArn: ARN },
        { id: 'Orders', secretArn: ARN },
      ],
      `"${ARN}"`,
    ],
  ])('%s twice', (key, applications, received) => {
    expect(problem({ applications })).toBe(
      `The CDK context cannot be used:\n  - application "Orders", key "${key}": received ${received}; allowed: something that no other application has`,
    );
  });

  test.each([
    [
      { alarmEmail: 'on-call' },
      '"alarmEmail": received "on-call"; allowed: an e-mail address, and no alarmTopicArn beside it',
    ],
    [
      { alarmTopicArn: 'on-call' },
      '"alarmTopicArn": received "on-call"; allowed: the ARN of a topic, such as arn:aws:sns:us-east-1:111122223333:on-call',
    ],
    [
      { alarmEmail: EMAIL, alarmTopicArn: TOPIC },
      '"alarmEmail": received one beside alarmTopicArn; allowed: an e-mail address, and no alarmTopicArn beside it',
    ],
  ])('who is told: %j', (context, line) => {
    expect(problem({ applications: [everyKey], ...context })).toBe(`The CDK context cannot be used:\n  - ${line}`);
  });

  test('rotationWindow of the hub', () => {
    const line = problem({ applications: [everyKey], rotationWindow: { ...OFFICE, timeZone: '+01:00' } });
    expect(line).toMatch(
      /^ {2}- "rotationWindow": received an object; allowed: .*timeZone of a RotationWindow must be/m,
    );
    expect(problem({ applications: [everyKey], rotationWindow: '{opensAt:9}' })).toContain(
      'The value of "rotationWindow" is not JSON',
    );
  });

  test('mode', () => {
    expect(problem({ applications: [everyKey], mode: 'off' })).toBe(
      'The CDK context cannot be used:\n  - "mode": received "off"; allowed: AUTOMATIC or NOTIFY_ONLY',
    );
  });

  test.each([
    ['nowhere', '"nowhere"', 'it is not a URL'],
    ['https://example.com/?word', '"https://example.com/…"', 'it must not contain a query or a fragment'],
  ])('lwaTokenUrl %s', (lwaTokenUrl, received, reason) => {
    expect(problem({ applications: [everyKey], lwaTokenUrl })).toBe(
      `The CDK context cannot be used:\n  - "lwaTokenUrl": received ${received}; allowed: the URL of the token endpoint of Login with Amazon (${reason})`,
    );
  });

  test('reports all problems at once', () => {
    expect(
      problem({
        applications: [
          { id: 'One', region: 'x' },
          { id: 'Two', rotateAfterDays: 1 },
        ],
        mode: 'off',
      }).split('\n'),
    ).toHaveLength(4);
  });
});
