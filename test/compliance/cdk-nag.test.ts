import { App, Validations } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { defaultStack, everyPropStack } from './every-prop';
import { findings } from './findings';

test.each([
  ['as most have it', defaultStack],
  ['with every prop', everyPropStack],
])('the AWS Solutions pack finds nothing in a hub %s', (_name, stackOf) => {
  const app = new App();
  expect(findings(stackOf(app), app, 'AWS Solutions')).toEqual([]);
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
