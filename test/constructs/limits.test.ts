import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { resourcesOf, Subject, type Resource } from './synthesis';

const MAX_MANAGED_POLICY_SIZE = 6_144;
const MAX_INLINE_POLICY_SIZE = 10_240;
const MAX_POLICIES = 10;
const MAX_RESOURCES = 500;
/** Of a template, in bytes. */
const MAX_TEMPLATE_SIZE = 1_000_000;

/** The longest values that the pseudo parameters have where Amazon's account can be reached. */
const DEPLOYED: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'ap-southeast-1',
  'AWS::AccountId': '123456789012',
  'AWS::StackName': 'S'.repeat(128),
};

/** A policy's document as IAM would count it, references replaced by what they become. */
function deployed(value: unknown, resources: Record<string, Resource>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => deployed(item, resources));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (join !== undefined) {
    const [separator, parts] = join as [string, unknown[]];
    return (deployed(parts, resources) as string[]).join(separator);
  }
  const id = (ref ?? (attribute as string[] | undefined)?.[0]) as string | undefined;
  if (id === undefined) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deployed(item, resources)]));
  }
  if (id in DEPLOYED) {
    return DEPLOYED[id];
  }
  if (resources[id]?.Type === 'AWS::SecretsManager::Secret') {
    return `arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:${id}-123456789012-123456`;
  }
  return `arn:aws:service:ap-southeast-1:123456789012:${id.padEnd(100, 'x')}`;
}

function policies(subject: Subject, type: string): { size: number; roles: string[] }[] {
  const resources = resourcesOf(subject.template);
  return Object.values(resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => ({
      size: JSON.stringify(deployed(Properties.PolicyDocument, resources)).length,
      roles: (Properties.Roles as { Ref: string }[]).map(({ Ref }) => Ref),
    }));
}

const name = (index: number, length: number) => `sp-api/${String(index).padStart(length - 'sp-api/'.length, 'n')}`;

type Add = (subject: Subject, index: number) => void;

const created: Add = ({ hub }, index) => {
  hub.addApplication(`Application${index}`);
};
const byArn =
  (length: number): Add =>
  ({ hub, stack }, index) => {
    const arn = `arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:${name(index, length)}-AbCdEf`;
    hub.addApplication(`Application${index}`, {
      secret: secretsmanager.Secret.fromSecretCompleteArn(stack, `Secret${index}`, arn),
    });
  };
const byName =
  (length: number): Add =>
  ({ hub, stack }, index) => {
    hub.addApplication(`Application${index}`, {
      secret: secretsmanager.Secret.fromSecretNameV2(stack, `Secret${index}`, name(index, length)),
    });
  };
const withKeyOfItsOwn: Add = ({ hub, stack }, index) => {
  const secret = `arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:${name(index, 40)}-AbCdEf`;
  const key = `arn:aws:kms:ap-southeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-${String(index).padStart(12, '0')}`;
  hub.addApplication(`Application${index}`, {
    secret: secretsmanager.Secret.fromSecretAttributes(stack, `Secret${index}`, {
      secretCompleteArn: secret,
      encryptionKey: kms.Key.fromKeyArn(stack, `Key${index}`, key),
    }),
  });
};

describe.each([true, false])('250 applications, minimizePolicies %s', (minimizePolicies) => {
  // 250 secrets created here and their settings are more than a stack could hold; their policies are to be right all the
  // same, for those whose limit is higher.
  const context = {
    '@aws-cdk/aws-iam:minimizePolicies': minimizePolicies,
    '@aws-cdk/core:stackResourceLimit': 600,
  };

  test.each<[string, Add, number]>([
    ['created here', created, 2],
    ['by ARN, names of 60 characters', byArn(60), 1],
    ['by name, names of 60 characters', byName(60), 1],
    ['by ARN, names of 100 characters', byArn(100), 1],
    ['each with a key of its own', withKeyOfItsOwn, 1],
  ])('%s: fit into what IAM and CloudFormation take', (_, add, resourcesEach) => {
    const subject = new Subject(
      (stack) => ({ encryptionKey: new kms.Key(stack, 'Key'), secretEncryptionKey: new kms.Key(stack, 'SecretKey') }),
      { context },
    );
    const empty = Object.keys(resourcesOf(new Subject().template)).length;
    for (let index = 0; index < 250; index += 1) {
      add(subject, index);
    }

    const managed = policies(subject, 'AWS::IAM::ManagedPolicy');
    expect(Math.max(...managed.map(({ size }) => size))).toBeLessThanOrEqual(MAX_MANAGED_POLICY_SIZE);
    for (const role of ['HubRotateRole', 'HubStoreRole']) {
      const attached = managed.filter(({ roles }) => roles.some((id) => id.startsWith(role)));
      expect(attached).toHaveLength(managed.length);
      expect(attached.length).toBeLessThanOrEqual(MAX_POLICIES);
    }
    for (const { size } of policies(subject, 'AWS::IAM::Policy')) {
      expect(size).toBeLessThanOrEqual(MAX_INLINE_POLICY_SIZE);
    }

    const resources = resourcesOf(subject.template);
    const keys = 2;
    expect(Object.keys(resources)).toHaveLength(empty + keys + managed.length + 250 * resourcesEach);
    if (resourcesEach === 1) {
      expect(Object.keys(resources).length).toBeLessThanOrEqual(MAX_RESOURCES);
    }
    expect(JSON.stringify(subject.template.toJSON()).length).toBeLessThanOrEqual(MAX_TEMPLATE_SIZE);
    expect(subject.warnings()).not.toContain('cdk-sp-api-secret-rotation:SpApiSecretRotation.tooManyApplications');
  });
});

test('a stack holds 225 applications with a secret created here', () => {
  const subject = new Subject();
  for (let index = 0; index < 225; index += 1) {
    created(subject, index);
  }
  expect(Object.keys(resourcesOf(subject.template)).length).toBeLessThanOrEqual(MAX_RESOURCES);
});

test('a policy holds 30 secrets', () => {
  const subject = new Subject();
  for (let index = 0; index < 31; index += 1) {
    created(subject, index);
  }
  const sizes = Object.values(resourcesOf(subject.template))
    .filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy')
    .map(
      ({ Properties }) =>
        [(Properties.PolicyDocument as { Statement: { Resource: unknown }[] }).Statement[0]?.Resource].flat().length,
    );
  expect(sizes).toEqual([30, 1]);
});

test('longer names get more policies, and when there are no more of these, synthesis says so', () => {
  const subject = new Subject();
  const add = byArn(400);
  let added = 0;
  expect(() => {
    for (; added < 250; added += 1) {
      add(subject, added);
    }
  }).toThrow(
    'the permissions of a hub must fit into 10 managed policies, because IAM attaches no more to a role; received more applications, or longer names of secrets, than fit: put the other applications into another SpApiSecretRotation',
  );
  const managed = policies(subject, 'AWS::IAM::ManagedPolicy');
  expect(managed).toHaveLength(10);
  expect(Math.max(...managed.map(({ size }) => size))).toBeLessThanOrEqual(MAX_MANAGED_POLICY_SIZE);
  expect(added).toBeGreaterThan(100);
});

test('above 250 applications there is a warning', () => {
  const subject = new Subject();
  for (let index = 0; index < 251; index += 1) {
    byArn(20)(subject, index);
  }
  expect(subject.warnings()).toEqual(['cdk-sp-api-secret-rotation:SpApiSecretRotation.tooManyApplications']);
});
