import { App, Aspects, Validations } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag-2';
import { defaultStack, everyPropStack } from './every-prop';
import { findings } from './findings';

test.each([
  ['as most have it', defaultStack],
  ['with every prop', everyPropStack],
])('the AWS Solutions pack finds nothing in a hub %s', (_name, stackOf) => {
  const app = new App();
  expect(findings(stackOf(app), app, 'AWS Solutions')).toEqual([]);
});

test.each([
  ['as most have it', defaultStack, []],
  ['with every prop', everyPropStack, []],
  [
    'with a queue that a test adds',
    (app: App) => {
      const stack = defaultStack(app);
      new sqs.Queue(stack, 'Careless');
      return stack;
    },
    ['AwsSolutions-SQS3', 'AwsSolutions-SQS4'],
  ],
])('of cdk-nag 2, which fails the synthesis, it finds in a hub %s: %#', (_name, stackOf, rules) => {
  const app = new App();
  const stack = stackOf(app);
  Aspects.of(app).add(new AwsSolutionsChecks());
  const annotations = Annotations.fromStack(stack);
  const found = [
    ...annotations.findError('*', Match.anyValue()),
    ...annotations.findWarning('*', Match.stringLikeRegexp('Cdk-?Nag|AwsSolutions')),
  ].map(({ entry }) => /^[^:[]+/.exec(entry.data as string)?.[0]);
  expect(found).toEqual(rules);
});

test('the pack really runs: it finds a queue that a test adds', () => {
  const app = new App();
  const stack = defaultStack(app);
  new sqs.Queue(stack, 'Careless');
  expect(findings(stack, app, 'AWS Solutions').map(({ rule }) => rule)).toContain('AwsSolutions-SQS4');
});

test('each acknowledgement has its reason, and none is for the whole hub', () => {
  const acknowledgements = new Map<string, string>();
  for (const stackOf of [defaultStack, everyPropStack]) {
    const rotation = stackOf(new App()).node.findChild('Rotation');
    for (const construct of rotation.node.findAll()) {
      for (const { type, data } of construct.node.metadata) {
        if (type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY) {
          for (const [rule, reason] of Object.entries(data as Record<string, string>)) {
            expect(reason.length).toBeGreaterThan(40);
            const [, ...path] = construct.node.path.split('/');
            // The CDK takes an id without a pack of its own for one of its own.
            acknowledgements.set(`${rule.replace(/^annotation::/i, '')} ${path.join('/')}`, reason);
          }
        }
      }
    }
  }
  expect([...acknowledgements.keys()].sort()).toEqual([
    'AwsSolutions-IAM5[Resource::*] Rotation/Rotate/Role',
    'AwsSolutions-IAM5[Resource::*] Rotation/Store/Role',
    'AwsSolutions-SMG4 Rotation/Applications/Shop/Secret/Resource',
    'AwsSolutions-SQS3 Rotation/Queues/Unclaimed',
  ]);
});
