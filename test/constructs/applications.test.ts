import { App, CfnParameter, Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { RotationMode, SpApiRegion, type SpApiApplicationProps } from '../../lib';
import {
  arnOf,
  onlyResource,
  reference,
  resource,
  resourcesOf,
  statementsOf,
  statementsOfRole,
  Subject,
} from './synthesis';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:sp-api/orders';
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const THROUGH_SECRETS_MANAGER = {
  StringEquals: {
    'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
  },
};
const WARNING = 'cdk-sp-api-secret-rotation:SpApiApplication';

/** Settings as the functions read them, if they hold no reference. */
function settings(subject: Subject, id = 'App'): unknown {
  const { Value } = resource(subject.template, 'AWS::SSM::Parameter', `HubApplications${id}Settings`).Properties;
  return typeof Value === 'string' ? JSON.parse(Value) : Value;
}

function withApplication(props: SpApiApplicationProps = {}): Subject {
  const subject = new Subject();
  subject.hub.addApplication('App', props);
  return subject;
}

function withSecret(
  secret: (stack: Stack) => secretsmanager.ISecret,
  options?: ConstructorParameters<typeof Subject>[1],
): Subject {
  const subject = new Subject({}, options);
  subject.hub.addApplication('App', { secret: secret(subject.stack) });
  return subject;
}

/** Without the permission to read several at once, which AWS grants for all secrets or none: it reads what these allow. */
function secretStatements(subject: Subject, role: string): { Action: string[]; Resource: unknown[] }[] {
  return statementsOfRole(subject.template, `Hub${role}Role`)
    .filter(({ Action }) => Action.some((action) => action.startsWith('secretsmanager:')))
    .filter(({ Action }) => Action.join() !== 'secretsmanager:BatchGetSecretValue')
    .map(({ Action, Resource }) => ({ Action, Resource }));
}

describe('the settings of an application', () => {
  const defaults = {
    id: 'App',
    endpoint: 'https://sellingpartnerapi-na.amazon.com',
    rotateAfterDays: 90,
    mode: 'AUTOMATIC',
    clientIdField: 'clientId',
    clientSecretField: 'clientSecret',
  };
  const secret = (stack: Stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}-AbCdEf`);

  test('have defaults', () => {
    expect(settings(withSecret(secret))).toEqual({ ...defaults, secretArn: `${ARN}-AbCdEf` });
  });

  test('are a standard parameter below the path of the hub', () => {
    expect(onlyResource(withApplication().template, 'AWS::SSM::Parameter').Properties).toMatchObject({
      Type: 'String',
      Tier: 'Standard',
      Name: { 'Fn::Join': ['', ['/cdk-sp-api-secret-rotation/', { Ref: 'AWS::StackName' }, '/StackHub0FCC66A4/App']] },
    });
  });

  test('can all be chosen', () => {
    const subject = new Subject();
    subject.hub.addApplication('App', {
      secret: secret(subject.stack),
      region: SpApiRegion.EUROPE,
      rotateAfter: Duration.days(30),
      mode: RotationMode.NOTIFY_ONLY,
      clientIdField: 'AppClientId',
      clientSecretField: 'AppClientSecret',
    });
    expect(settings(subject)).toEqual({
      id: 'App',
      secretArn: `${ARN}-AbCdEf`,
      endpoint: 'https://sellingpartnerapi-eu.amazon.com',
      rotateAfterDays: 30,
      mode: 'NOTIFY_ONLY',
      clientIdField: 'AppClientId',
      clientSecretField: 'AppClientSecret',
    });
  });

  test.each([
    [RotationMode.NOTIFY_ONLY, undefined, 'NOTIFY_ONLY'],
    [RotationMode.NOTIFY_ONLY, RotationMode.AUTOMATIC, 'AUTOMATIC'],
    [RotationMode.AUTOMATIC, RotationMode.NOTIFY_ONLY, 'NOTIFY_ONLY'],
  ])('with the hub %s and the application %s, are %s', (hubMode, mode, expected) => {
    const subject = new Subject({ mode: hubMode });
    subject.hub.addApplication('App', { mode, secret: secret(subject.stack) });
    expect(settings(subject)).toMatchObject({ mode: expected });
  });

  test.each([8, 120, 150])('rotate after %s days if so told', (days) => {
    const subject = new Subject();
    subject.hub.addApplication('App', { rotateAfter: Duration.days(days), secret: secret(subject.stack) });
    expect(settings(subject)).toMatchObject({ rotateAfterDays: days });
  });
});

describe('a secret created here', () => {
  test('never gets a value from a deployment, and is retained with the stack', () => {
    const found = onlyResource(withApplication().template, 'AWS::SecretsManager::Secret');
    expect(Object.keys(found.Properties)).toEqual(['Description']);
    expect(found).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('has the name that it is given', () => {
    const { template } = withApplication({ secretName: 'sp-api/shop' });
    expect(onlyResource(template, 'AWS::SecretsManager::Secret').Properties.Name).toBe('sp-api/shop');
  });

  test.each(['', 'a b', 'sp-api/my-secret', 'x'.repeat(513)])('cannot have the name %j', (secretName) => {
    expect(() => withApplication({ secretName })).toThrow(`1 to 512 letters, digits and /_+=.@-, and must not end`);
  });

  test('whose name is a client secret is not quoted', () => {
    const secretName = 'amzn1.oa2-cs.v1.0f3c-123456';
    expect(() => withApplication({ secretName })).toThrow(/received one of Amazon's ids or secrets$/);
  });

  test('cannot have a name beside a secret that exists, nor that of another one', () => {
    const secret = (stack: Stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'sp-api/shop');
    const subject = new Subject();
    expect(() => subject.hub.addApplication('App', { secret: secret(subject.stack), secretName: 'x' })).toThrow(
      'cannot be combined with secret',
    );
    subject.hub.addApplication('One', { secretName: 'sp-api/shop' });
    expect(() => subject.hub.addApplication('Two', { secretName: 'sp-api/shop' })).toThrow('secret of "One" for "Two"');
  });

  test('says what is to be put into it', () => {
    expect(
      onlyResource(withApplication({ clientIdField: 'LWA_APP_ID' }).template, 'AWS::SecretsManager::Secret').Properties
        .Description,
    ).toBe(
      'Client id and client secret of the SP-API application App, as a JSON object with the keys LWA_APP_ID and clientSecret',
    );
  });

  test('is in the settings and in the permissions of both functions, by its exact ARN', () => {
    const subject = withApplication();
    expect(JSON.stringify(settings(subject))).toMatch(
      /\\"secretArn\\":\\"",{"Ref":"HubApplicationsAppSecret[0-9A-F]{8}"},"\\"/,
    );
    for (const role of ['Rotate', 'Store']) {
      expect(secretStatements(subject, role).flatMap(({ Resource }) => Resource)).toEqual([
        reference('HubApplicationsAppSecret'),
      ]);
    }
  });

  test('is encrypted with secretEncryptionKey, which Amazon cannot use', () => {
    const subject = new Subject((stack) => ({ secretEncryptionKey: new kms.Key(stack, 'Key') }));
    subject.hub.addApplication('App');
    expect(onlyResource(subject.template, 'AWS::SecretsManager::Secret').Properties.KmsKeyId).toEqual(arnOf('Key'));
    expect(JSON.stringify(onlyResource(subject.template, 'AWS::KMS::Key'))).not.toContain('437568002678');
  });
});

describe('a secret that exists', () => {
  test.each(['Rotate', 'Store'])('by its complete ARN, is all that %s may use', (role) => {
    const subject = withSecret((stack) =>
      secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}-AbCdEf`),
    );
    expect(secretStatements(subject, role)).toEqual([
      {
        Action: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Resource: [`${ARN}-AbCdEf`],
      },
    ]);
  });

  test('by its partial ARN, is allowed with exactly six characters more', () => {
    const subject = withSecret((stack) => secretsmanager.Secret.fromSecretPartialArn(stack, 'Secret', ARN));
    expect(secretStatements(subject, 'Store')[0]?.Resource).toEqual([`${ARN}-??????`]);
    expect(settings(subject)).toMatchObject({ secretArn: ARN, secretName: 'sp-api/orders' });
  });

  test('by its name, is allowed with exactly six characters more', () => {
    const subject = withSecret((stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'sp-api/orders'));
    expect(JSON.stringify(secretStatements(subject, 'Store')[0]?.Resource)).toContain(':secret:sp-api/orders-??????"');
  });

  test('is not created once more', () => {
    const subject = withSecret((stack) => secretsmanager.Secret.fromSecretPartialArn(stack, 'Secret', ARN));
    subject.template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    expect(subject.warnings()).toEqual([]);
  });

  test.each(['Rotate', 'Store'])(
    'with a key, is decrypted and encrypted by %s through Secrets Manager only',
    (role) => {
      const subject = withSecret((stack) =>
        secretsmanager.Secret.fromSecretAttributes(stack, 'Secret', {
          secretCompleteArn: `${ARN}-AbCdEf`,
          encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN),
        }),
      );
      expect(
        statementsOfRole(subject.template, `Hub${role}Role`).filter(({ Action }) => Action.includes('kms:Decrypt')),
      ).toEqual([
        {
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: [KEY_ARN],
          Condition: THROUGH_SECRETS_MANAGER,
        },
      ]);
    },
  );

  test('with an imported key, can be read by whom it is granted to, key included', () => {
    const subject = new Subject();
    const consumer = new iam.Role(subject.stack, 'Consumer', { assumedBy: new iam.AccountRootPrincipal() });
    const secret = secretsmanager.Secret.fromSecretAttributes(subject.stack, 'Secret', {
      secretCompleteArn: `${ARN}-AbCdEf`,
      encryptionKey: kms.Key.fromKeyArn(subject.stack, 'Key', KEY_ARN),
    });
    subject.hub.addApplication('App', { secret }).grantRead(consumer);
    expect(statementsOfRole(subject.template, 'Consumer')).toContainEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt'],
      Resource: [KEY_ARN],
      Condition: {
        ...THROUGH_SECRETS_MANAGER,
        StringLike: { 'kms:EncryptionContext:SecretARN': `${ARN}-AbCdEf` },
      },
    });
  });

  test('shares its key with another without repeating it', () => {
    const subject = new Subject((stack) => ({ secretEncryptionKey: new kms.Key(stack, 'Key') }));
    subject.hub.addApplication('One');
    subject.hub.addApplication('Two');
    const keys = statementsOf(
      onlyResource(subject.template, 'AWS::IAM::ManagedPolicy').Properties.PolicyDocument,
    ).filter(({ Action }) => Action.includes('kms:Decrypt'));
    expect(keys.map(({ Resource }) => Resource)).toEqual([[arnOf('Key')]]);
  });

  test('must not be in another region', () => {
    expect(() =>
      withSecret((stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}-AbCdEf`), {
        stack: { env: { region: 'us-east-1' } },
      }),
    ).toThrow(
      'secret of application "App" must be in the region of the stack, "us-east-1", because the functions write there; received a secret in "eu-west-1" (for a replicated secret, pass the primary one)',
    );
  });

  test('in another account, gets a warning with what is needed there', () => {
    const subject = withSecret(
      (stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}-AbCdEf`),
      { stack: { env: { region: 'eu-west-1', account: '444455556666' } } },
    );
    expect(subject.warnings()).toEqual([`${WARNING}.secretOfAnotherAccount`]);
    expect(subject.warning(`${WARNING}.secretOfAnotherAccount`)).toContain(
      'is in account "111122223333", not in "444455556666"',
    );
  });

  test('in the account and region of the stack gets no warning', () => {
    const subject = withSecret(
      (stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}-AbCdEf`),
      { stack: { env: { region: 'eu-west-1', account: '111122223333' } } },
    );
    expect(subject.warnings()).toEqual([]);
  });

  test('whose value the template writes, gets a warning', () => {
    expect(withSecret((stack) => new secretsmanager.Secret(stack, 'Secret')).warnings()).toEqual([
      `${WARNING}.secretWithValueInTemplate`,
    ]);
  });

  test.each([
    ['as it is', {}],
    ['with what `cdk init` writes', { '@aws-cdk/aws-kms:aliasNameRef': true }],
  ])('with a key that is known by an alias only, is refused: %s', (_name, context) => {
    const aliases: ((stack: Stack) => kms.IAlias)[] = [
      (stack) => kms.Alias.fromAliasName(stack, 'Alias', 'alias/mine'),
      (stack) => new kms.Key(stack, 'Key').addAlias('alias/mine'),
    ];
    for (const aliasIn of aliases) {
      expect(() =>
        withSecret(
          (stack) =>
            secretsmanager.Secret.fromSecretAttributes(stack, 'Secret', {
              secretCompleteArn: `${ARN}-AbCdEf`,
              encryptionKey: aliasIn(stack),
            }),
          { context },
        ),
      ).toThrow(
        /^encryption key of the secret of application "App" must be a key itself, because IAM permissions cannot name a key by its alias; received the alias /,
      );
      expect(() => new Subject((stack) => ({ secretEncryptionKey: aliasIn(stack) }), { context })).toThrow(
        /^secretEncryptionKey must be a key itself/,
      );
      expect(() => new Subject((stack) => ({ encryptionKey: aliasIn(stack) }), { context })).toThrow(
        /^encryptionKey must be a key itself/,
      );
    }
  });
});

describe('a name that ends in a hyphen and six characters', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/sp-api-secret';

  test.each<[string, (stack: Stack) => secretsmanager.ISecret]>([
    ['by name', (stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'prod/sp-api-secret')],
    ['by partial ARN', (stack) => secretsmanager.Secret.fromSecretPartialArn(stack, 'Secret', arn)],
  ])('is refused %s: Secrets Manager would find nothing', (_name, secret) => {
    expect(() => withSecret(secret)).toThrow(
      'secret of application "App" must be given by its complete ARN, because its name ends in a hyphen and six characters, which Secrets Manager takes for the end of a complete ARN; received the name "prod/sp-api-secret" (use Secret.fromSecretCompleteArn())',
    );
  });

  test.each([
    ['is warned of where it is passed as complete ARN', arn, [`${WARNING}.incompleteArn`]],
    ['is fine with its complete ARN', `${arn}-x4TqZ0`, []],
  ])('%s', (_name, completeArn, warnings) => {
    const subject = withSecret((stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Secret', completeArn));
    expect(subject.warnings()).toEqual(warnings);
  });
});

describe('a secret under the key of the notification queue', () => {
  const HUB_WARNING = 'cdk-sp-api-secret-rotation:SpApiSecretRotation.sharedKey';

  test.each<[string, (stack: Stack) => kms.IKey]>([
    ['created here', (stack) => new kms.Key(stack, 'Key')],
    ['imported', (stack) => kms.Key.fromKeyArn(stack, 'Key', KEY_ARN)],
  ])('is warned of, because Amazon may decrypt with it: %s', (_name, keyIn) => {
    const subject = new Subject((stack) => {
      const key = keyIn(stack);
      return { encryptionKey: key, secretEncryptionKey: key };
    });
    expect(subject.warnings()).toContain(HUB_WARNING);
  });

  test('is warned of where the secret is passed, also if the key is imported twice', () => {
    const subject = new Subject((stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }));
    subject.hub.addApplication('App', {
      secret: secretsmanager.Secret.fromSecretAttributes(subject.stack, 'Secret', {
        secretCompleteArn: `${ARN}-AbCdEf`,
        encryptionKey: kms.Key.fromKeyArn(subject.stack, 'Again', KEY_ARN),
      }),
    });
    expect(subject.warnings()).toContain(HUB_WARNING);
  });

  test('is none where the keys differ, or the queue is another one', () => {
    const differing = new Subject((stack) => ({
      encryptionKey: new kms.Key(stack, 'QueueKey'),
      secretEncryptionKey: new kms.Key(stack, 'SecretKey'),
    }));
    const elsewhere = new Subject((stack) => {
      const key = new kms.Key(stack, 'Key');
      const notificationQueue = new sqs.Queue(stack, 'Queue');
      return { encryptionKey: key, secretEncryptionKey: key, notificationQueue };
    });
    expect([...differing.warnings(), ...elsewhere.warnings()]).not.toContain(HUB_WARNING);
  });
});

describe('one secret for two applications', () => {
  const references: [string, (stack: Stack, id: string) => secretsmanager.ISecret][] = [
    ['complete ARN', (stack, id) => secretsmanager.Secret.fromSecretCompleteArn(stack, id, `${ARN}-AbCdEf`)],
    ['partial ARN', (stack, id) => secretsmanager.Secret.fromSecretPartialArn(stack, id, ARN)],
    ['name', (stack, id) => secretsmanager.Secret.fromSecretNameV2(stack, id, 'sp-api/orders')],
  ];
  const pairs = references.flatMap(([oneName, one]) =>
    references.map(([otherName, other]) => [oneName, otherName, one, other] as const),
  );

  test.each(pairs)('is refused: by %s and by %s', (_, __, one, other) => {
    const { hub, stack } = new Subject();
    hub.addApplication('One', { secret: one(stack, 'OneSecret') });
    expect(() => hub.addApplication('Two', { secret: other(stack, 'TwoSecret') })).toThrow(
      'each application must have a secret of its own; received the secret of "One" for "Two"',
    );
  });

  test('is refused when it was created for the other', () => {
    const { hub, stack } = new Subject();
    const { secret } = hub.addApplication('One');
    expect(() => hub.addApplication('Two', { secret })).toThrow(/received the secret of "One" for "Two"$/);
    expect(() =>
      hub.addApplication('Three', {
        secret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Again', secret.secretArn),
      }),
    ).toThrow(/received the secret of "One" for "Three"$/);
  });

  test('is not reported if only the names are the same', () => {
    const { hub, stack } = new Subject();
    const elsewhere = `${ARN.replace('111122223333', '444455556666')}-AbCdEf`;
    hub.addApplication('One', { secret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'A', `${ARN}-AbCdEf`) });
    expect(() =>
      hub.addApplication('Two', { secret: secretsmanager.Secret.fromSecretCompleteArn(stack, 'B', elsewhere) }),
    ).not.toThrow();
  });

  test('is not reported for secrets of two stacks with the same logical id', () => {
    const app = new App();
    const secrets = ['A', 'B'].map((id) => new secretsmanager.Secret(new Stack(app, id), 'Secret'));
    const { hub } = new Subject();
    hub.addApplication('One', { secret: secrets[0] });
    expect(() => hub.addApplication('Two', { secret: secrets[1] })).not.toThrow();
  });
});

describe('what is refused, with what was received and what is allowed', () => {
  test.each(['', 'a b', 'ä', 'a/b', 'x'.repeat(65)])('the id %p', (id) => {
    expect(() => new Subject().hub.addApplication(id)).toThrow(
      `id of an application must be 1 to 64 letters, digits, hyphens and underscores; received "${id}"`,
    );
  });

  test.each(['A', 'a-b_C9', 'x'.repeat(64)])('but not the id %p', (id) => {
    expect(() => new Subject().hub.addApplication(id)).not.toThrow();
  });

  test('an id that is known only at deployment', () => {
    const id = Lazy.string({ produce: () => 'Id' });
    expect(() => new Subject().hub.addApplication(id)).toThrow(/^id of an application must be .*; received "\$\{Token/);
  });

  test('an id that is used twice', () => {
    const { hub } = new Subject();
    hub.addApplication('App');
    expect(() => hub.addApplication('App')).toThrow(
      'id of an application must be unique in its hub; received "App" a second time',
    );
  });

  test.each([
    [Duration.days(7), '7 days'],
    [Duration.days(151), '151 days'],
    [Duration.hours(8 * 24 + 12), '8.5 days'],
  ])('rotateAfter of %s', (rotateAfter, received) => {
    expect(() => withApplication({ rotateAfter })).toThrow(
      `rotateAfter of application "App" must be a whole number of days from 8 to 150; received ${received}`,
    );
  });

  test.each(['clientIdField', 'clientSecretField'] as const)('an empty %s', (prop) => {
    expect(() => withApplication({ [prop]: '' })).toThrow(
      `${prop} of application "App" must not be empty; received ""`,
    );
  });

  test.each(['clientIdField', 'clientSecretField'] as const)('a credential as %s, without repeating it', (prop) => {
    expect(() => withApplication({ [prop]: 'amzn1.oa2-cs.v1.abc' })).toThrow(
      new Error(
        `${prop} of application "App" must be the name of a key of the secret's JSON object; received a value that belongs under that key`,
      ),
    );
  });

  test('the same field for client id and client secret', () => {
    expect(() => withApplication({ clientIdField: 'clientSecret' })).toThrow(
      'clientIdField and clientSecretField of application "App" must be different; received "clientSecret" for both',
    );
  });
});

describe('warnings', () => {
  test('above 120 days', () => {
    expect(withApplication({ rotateAfter: Duration.days(120) }).warnings()).toEqual([]);
    const subject = withApplication({ rotateAfter: Duration.days(121) });
    expect(subject.warnings()).toEqual([`${WARNING}.rotateAfter`]);
    expect(subject.warning(`${WARNING}.rotateAfter`)).toContain('rotateAfter of application "App" is 121 days');
  });

  test('without any application', () => {
    expect(new Subject().warnings()).toEqual(['cdk-sp-api-secret-rotation:SpApiSecretRotation.noApplications']);
    expect(withApplication().warnings()).toEqual([]);
  });
});

describe('what is known only at deployment', () => {
  test('is accepted in every prop', () => {
    const subject = new Subject();
    const parameter = (id: string, type = 'String') => new CfnParameter(subject.stack, id, { type });
    subject.hub.addApplication('App', {
      secret: secretsmanager.Secret.fromSecretCompleteArn(subject.stack, 'Secret', parameter('Arn').valueAsString),
      region: SpApiRegion.of(parameter('Endpoint').valueAsString),
      rotateAfter: Duration.days(parameter('Days', 'Number').valueAsNumber),
      clientIdField: parameter('IdField').valueAsString,
      clientSecretField: parameter('SecretField').valueAsString,
    });
    const text = JSON.stringify(settings(subject));
    for (const id of ['Arn', 'Endpoint', 'Days', 'IdField', 'SecretField']) {
      expect(text).toContain(`{"Ref":"${id}"}`);
    }
    // A number, not a text: the functions take nothing else.
    expect(text).toContain('\\"rotateAfterDays\\":",{"Ref":"Days"},",');
    expect(secretStatements(subject, 'Store')[0]?.Resource).toEqual([{ Ref: 'Arn' }]);
  });
});

test('an application costs one resource with a secret that exists, two with one created here', () => {
  const count = (add: (subject: Subject, id: string) => void) => {
    const subject = new Subject();
    add(subject, 'One');
    const before = Object.keys(resourcesOf(subject.template)).length;
    const again = new Subject();
    add(again, 'One');
    add(again, 'Two');
    return Object.keys(resourcesOf(again.template)).length - before;
  };
  expect(
    count(({ hub }, id) => {
      hub.addApplication(id);
    }),
  ).toBe(2);
  expect(
    count(({ hub, stack }, id) => {
      hub.addApplication(id, { secret: secretsmanager.Secret.fromSecretNameV2(stack, `${id}Secret`, id) });
    }),
  ).toBe(1);
});

test('an application is listed for the functions only after they may use its secret', () => {
  expect(onlyResource(withApplication().template, 'AWS::SSM::Parameter').DependsOn).toEqual([
    expect.stringMatching(/^HubSecretAccessPolicy1/),
  ]);
});

describe('a secret of another shape', () => {
  const CLIENT = 'amzn1.application-oa2-client.0123456789abcdef';

  test.each<[string, SpApiApplicationProps, object, string]>([
    [
      'nested keys',
      { clientIdField: '/lwa/id', clientSecretField: '/lwa/a~1b' },
      { clientIdField: '/lwa/id', clientSecretField: '/lwa/a~1b' },
      'as a JSON object with the keys /lwa/id and /lwa/a~1b',
    ],
    ['the client secret alone', { clientId: CLIENT }, { clientId: CLIENT, clientSecretField: '' }, 'and nothing else'],
    [
      'the client secret under a key',
      { clientId: CLIENT, clientSecretField: 'secret' },
      { clientId: CLIENT, clientSecretField: 'secret' },
      'as a JSON object with the key secret',
    ],
  ])('is told to the functions, and to people: %s', (_, props, expected, described) => {
    const subject = withApplication(props);
    const { Value } = resource(subject.template, 'AWS::SSM::Parameter', 'HubApplicationsAppSettings').Properties;
    for (const [name, value] of Object.entries(expected)) {
      expect(JSON.stringify(Value)).toContain(`\\"${name}\\":\\"${String(value)}\\"`);
    }
    const { Description } = onlyResource(subject.template, 'AWS::SecretsManager::Secret').Properties;
    expect(Description).toContain(described);
  });

  test.each<[string, SpApiApplicationProps, string]>([
    [
      'a client id that is none',
      { clientId: 'amzn1.oa2-cs.v1.x' },
      'must be a client id, which begins with amzn1.application-oa2-client.',
    ],
    [
      'a client id twice',
      { clientId: CLIENT, clientIdField: 'id' },
      'cannot be combined with clientIdField; received both',
    ],
    ['a pointer without a key', { clientIdField: '/' }, 'must be a JSON pointer, such as /lwa/clientId'],
    ['a pointer with a tilde', { clientSecretField: '/a~b' }, 'received "/a~b"'],
    [
      'one inside the other',
      { clientIdField: '/a', clientSecretField: '/a/b' },
      'or one into the other; received "/a" and "/a/b"',
    ],
    ['the same', { clientIdField: '/a', clientSecretField: 'a' }, 'must not lead to the same value'],
    [
      'a parameter of Parameter Store',
      { secret: { parameterArn: 'arn', parameterName: 'x' } as never },
      'must be a secret in Secrets Manager, whose versions and labels the rotation needs; received a parameter of Parameter Store',
    ],
  ])('throws for %s', (_, props, message) => {
    expect(() => withApplication(props)).toThrow(message);
    expect(() => withApplication(props)).not.toThrow(/oa2-cs/);
  });
});
