import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { App, CfnParameter, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Template } from 'aws-cdk-lib/assertions';
import { SpApiSecretRotation } from '../../lib';
import { resourcesOf, Subject } from './synthesis';

/** With every prop that adds something to the template. */
function full(): Subject {
  const subject = new Subject((stack) => {
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    return {
      queueName: 'sp-api-secrets',
      encryptionKey: new kms.Key(stack, 'Key'),
      secretEncryptionKey: new kms.Key(stack, 'SecretKey'),
      eventBus: new events.EventBus(stack, 'Bus'),
      vpc,
    };
  });
  subject.hub.addApplication('Created');
  subject.hub.addApplication('Imported', {
    secret: secretsmanager.Secret.fromSecretNameV2(subject.stack, 'Secret', 'sp-api/imported'),
  });
  subject.hub.onSecretRotated('OnRotated');
  subject.hub.onRotationFailed('OnFailed');
  return subject;
}

/** Properties whose change has CloudFormation make a new resource, from the resources' documentation. */
const REPLACED_BY: Record<string, string[]> = {
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::SecretsManager::Secret': ['Name'],
};

describe('what a later version must not change', () => {
  const kept = Object.entries(resourcesOf(full().template)).filter(([, { Type }]) => Type in REPLACED_BY);

  test('the logical ids of queues and secrets', () => {
    // A new id is a new resource: another ARN than the registered one, or a secret without a value.
    expect(kept.map(([id]) => id).sort()).toEqual([
      'HubApplicationsCreatedSecret48172A12',
      'HubQueuesDeadLetterA2FF03E1',
      'HubQueuesNotificationFB7626E2',
      'HubQueuesUnclaimed06F6F7B6',
    ]);
  });

  test('the properties of queues and secrets that would replace them', () => {
    const replacing = kept.map(([id, { Type, Properties }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      Object.fromEntries(
        (REPLACED_BY[Type] ?? []).filter((name) => name in Properties).map((name) => [name, Properties[name]]),
      ),
    ]);
    expect(Object.fromEntries(replacing)).toEqual({
      HubApplicationsCreatedSecret: {},
      HubQueuesDeadLetter: {},
      HubQueuesNotification: { QueueName: 'sp-api-secrets' },
      HubQueuesUnclaimed: {},
    });
  });

  test('an application that is added or removed moves no other one', () => {
    const ids = (names: string[]) => {
      const subject = new Subject();
      for (const name of names) {
        subject.hub.addApplication(name);
      }
      return Object.keys(resourcesOf(subject.template));
    };
    const [one, both] = [ids(['One']), ids(['Zero', 'One'])];
    expect(both).toEqual(expect.arrayContaining(one));
  });
});

test('two syntheses are identical', () => {
  expect(JSON.stringify(full().template.toJSON())).toBe(JSON.stringify(full().template.toJSON()));
});

test('no synthesis has an error or a warning that has no reason', () => {
  const subject = full();
  expect(subject.errors()).toEqual([]);
  // It has a queueName.
  expect(subject.warnings()).toEqual(['cdk-sp-api-secret-rotation:SpApiSecretRotation.queueName']);
});

describe("AWS's validation", () => {
  const broken = full().template.toJSON() as { Resources: Record<string, { Properties: Record<string, unknown> }> };
  Object.assign(broken.Resources.HubQueuesNotificationFB7626E2?.Properties ?? {}, {
    MessageRetentionPeriod: 'for ever',
  });
  const output = execFileSync(process.execPath, [path.join(__dirname, 'validate-template.mjs')], {
    input: JSON.stringify([new Subject().template.toJSON(), full().template.toJSON(), broken]),
    encoding: 'utf8',
  });
  const errors = (JSON.parse(output) as { severity: string }[][]).map((findings) =>
    findings.filter(({ severity }) => severity === 'ERROR' || severity === 'FATAL'),
  );

  test('passes the template by default', () => {
    expect(errors[0]).toEqual([]);
  });

  test('passes the template with every prop', () => {
    expect(errors[1]).toEqual([]);
  });

  test('does not pass everything', () => {
    expect(errors[2]).not.toEqual([]);
  });
});

test('every prop takes what is known only at deployment', () => {
  const subject = new Subject((stack) => {
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
    return {
      schedule: scheduler.ScheduleExpression.expression(text('Schedule')),
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', `arn:aws:kms:eu-west-1:111122223333:key/${text('KeyId')}`),
      secretEncryptionKey: kms.Key.fromKeyArn(
        stack,
        'Key2',
        `arn:aws:kms:eu-west-1:111122223333:key/${text('KeyId2')}`,
      ),
      queueName: text('QueueName'),
      eventBus: events.EventBus.fromEventBusArn(stack, 'Bus', text('BusArn')),
      lwaTokenUrl: text('TokenUrl'),
      runtime: new lambda.Runtime(text('Runtime'), lambda.RuntimeFamily.NODEJS),
      memorySize: number('Memory'),
    };
  });
  subject.hub.addApplication('App');
  const json = JSON.stringify(subject.template.toJSON());
  for (const id of ['Schedule', 'KeyId', 'KeyId2', 'QueueName', 'BusArn', 'TokenUrl', 'Runtime', 'Memory']) {
    expect(json).toContain(`{"Ref":"${id}"}`);
  }
});

test('a queue may be known only at deployment', () => {
  const subject = new Subject((stack) => ({
    notificationQueue: sqs.Queue.fromQueueArn(stack, 'Queue', new CfnParameter(stack, 'QueueArn').valueAsString),
  }));
  subject.hub.addApplication('App');
  expect(subject.warning('cdk-sp-api-secret-rotation:SpApiSecretRotation.importedQueue')).toContain(
    '"Resource":"ARN of the queue"',
  );
  expect(JSON.stringify(subject.template.toJSON())).not.toContain('${Token');
});

describe('hubs side by side', () => {
  test('two hubs in one stack share no resource', () => {
    const { stack, hub } = new Subject();
    hub.addApplication('App');
    const other = new SpApiSecretRotation(stack, 'Other');
    other.addApplication('App');
    const template = Template.fromStack(stack);
    const names = Object.values(resourcesOf(template))
      .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
      .map(({ Properties }) => JSON.stringify(Properties.Name));
    expect(new Set(names).size).toBe(2);
  });

  test('in two stages keep the same queues and secrets', () => {
    const ids = ['One', 'Two'].map((id) => {
      const stack = new Stack(new Stage(new App(), id), 'Stack');
      new SpApiSecretRotation(stack, 'Hub').addApplication('App');
      return Object.entries(resourcesOf(Template.fromStack(stack)))
        .filter(([, { Type }]) => Type in REPLACED_BY)
        .map(([logicalId]) => logicalId);
    });
    expect(ids[0]).toHaveLength(4);
    expect(ids[0]).toEqual(ids[1]);
  });
});
