import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { DETAIL_TYPE, EVENT_SOURCE } from '../../lib/contract/event';
import { arnOf, onlyResource, reference, resource, resourcesOf, statementsOfRole, Subject } from './synthesis';

function subject(props?: ConstructorParameters<typeof Subject>[0]): Subject {
  const made = new Subject(props);
  made.hub.addApplication('App');
  return made;
}

describe('the schedule', () => {
  test('invokes a sweep every hour, and does not retry what the next sweep does anyway', () => {
    const { Properties } = onlyResource(subject().template, 'AWS::Scheduler::Schedule');
    expect(Properties).toMatchObject({
      ScheduleExpression: 'rate(1 hour)',
      State: 'ENABLED',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arnOf('HubRotateFunction'),
        RoleArn: arnOf('HubReconcileRole'),
        Input: '{}',
        RetryPolicy: { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 2 },
      },
    });
    expect(Properties.Target).not.toHaveProperty('DeadLetterConfig');
  });

  test('can be chosen', () => {
    const made = subject({ schedule: scheduler.ScheduleExpression.rate(Duration.minutes(30)) });
    expect(onlyResource(made.template, 'AWS::Scheduler::Schedule').Properties.ScheduleExpression).toBe(
      'rate(30 minutes)',
    );
  });

  test('cannot be a schedule that runs only once', () => {
    expect(() => new Subject({ schedule: scheduler.ScheduleExpression.at(new Date('2030-01-01T00:00:00Z')) })).toThrow(
      'schedule must recur, because client secrets expire when nothing rotates them again; received "at(2030-01-01T00:00:00)"',
    );
  });

  test('may invoke exactly the rotate function, and is the only one that can use its role', () => {
    const { template } = subject();
    expect(statementsOfRole(template, 'HubReconcileRole')).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [arnOf('HubRotateFunction')] },
    ]);
    expect(resource(template, 'AWS::IAM::Role', 'HubReconcileRole').Properties).toEqual({
      AssumeRolePolicyDocument: expect.objectContaining({
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: {
              StringEquals: {
                'aws:SourceAccount': { Ref: 'AWS::AccountId' },
                'aws:SourceArn': {
                  'Fn::Join': [
                    '',
                    [
                      'arn:',
                      { Ref: 'AWS::Partition' },
                      ':scheduler:',
                      { Ref: 'AWS::Region' },
                      ':',
                      { Ref: 'AWS::AccountId' },
                      ':schedule-group/default',
                    ],
                  ],
                },
              },
            },
          },
        ],
      }) as unknown,
    });
  });

  test('waits until the functions can know of every application', () => {
    expect(onlyResource(subject().template, 'AWS::Scheduler::Schedule').DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^HubApplicationsAppSettings/)]),
    );
  });

  test('is a method of the hub', () => {
    const { hub, stack } = subject();
    expect(stack.resolve(hub.schedule.scheduleArn)).toEqual(arnOf('HubReconcileSchedule'));
  });
});

describe('a notice of expiry', () => {
  test('invokes the rotate function with the id of the application, and nothing that could force anything', () => {
    const { Properties } = onlyResource(subject().template, 'AWS::Events::Rule');
    expect(Properties).toMatchObject({
      EventPattern: {
        source: [EVENT_SOURCE],
        'detail-type': [DETAIL_TYPE.expiring],
        detail: { hub: [arnOf('HubQueuesNotification')] },
      },
      State: 'ENABLED',
    });
    expect(Properties.Targets).toEqual([
      {
        Id: 'Target0',
        Arn: arnOf('HubRotateFunction'),
        InputTransformer: {
          InputPathsMap: { 'detail-application': '$.detail.application' },
          InputTemplate: '{"application":<detail-application>,"from":"bus"}',
        },
      },
    ]);
  });

  test('is taken from the bus of the hub', () => {
    const made = subject((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    expect(onlyResource(made.template, 'AWS::Events::Rule').Properties.EventBusName).toEqual(reference('Bus'));
    expect(onlyResource(subject().template, 'AWS::Events::Rule').Properties.EventBusName).toBe('default');
  });

  test('is the only thing that EventBridge may invoke a function for', () => {
    const permissions = Object.values(resourcesOf(subject().template)).filter(
      ({ Type }) => Type === 'AWS::Lambda::Permission',
    );
    expect(permissions.map(({ Properties }) => Properties)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: arnOf('HubRotateFunction'),
        Principal: 'events.amazonaws.com',
        SourceArn: arnOf('HubExpiring'),
      },
    ]);
  });
});

describe('rules for consumers', () => {
  function rule(made: Subject, idPrefix: string): Record<string, unknown> {
    return resource(made.template, 'AWS::Events::Rule', idPrefix).Properties;
  }

  test('onSecretRotated matches the event of this hub', () => {
    const made = subject((stack) => ({ eventBus: new events.EventBus(stack, 'Bus') }));
    made.hub.onSecretRotated('Restart', {
      target: new targets.SqsQueue(new sqs.Queue(made.stack, 'Queue')),
      description: 'Restarts the consumer',
      ruleName: 'restart',
    });
    expect(rule(made, 'HubRestart')).toMatchObject({
      Name: 'restart',
      Description: 'Restarts the consumer',
      EventBusName: reference('Bus'),
      EventPattern: {
        source: [EVENT_SOURCE],
        'detail-type': ['Client Secret Rotated'],
        detail: { hub: [arnOf('HubQueuesNotification')] },
      },
      Targets: [{ Arn: arnOf('Queue') }],
    });
  });

  test('onRotationFailed matches failures and stalls', () => {
    const made = subject();
    made.hub.onRotationFailed('Page');
    expect(rule(made, 'HubPage')).toMatchObject({
      EventPattern: {
        source: [EVENT_SOURCE],
        'detail-type': ['Client Secret Rotation Failed', 'Client Secret Rotation Stalled'],
        detail: { hub: [arnOf('HubQueuesNotification')] },
      },
    });
  });

  test('can be limited to one application and not be widened', () => {
    const made = subject();
    made.hub.onSecretRotated('Restart', { eventPattern: { detail: { application: ['App'] } } });
    expect(rule(made, 'HubRestart')).toMatchObject({
      EventPattern: {
        source: [EVENT_SOURCE],
        detail: { hub: [arnOf('HubQueuesNotification')], application: ['App'] },
      },
    });
  });

  test('can live in another scope', () => {
    const made = subject();
    made.hub.onSecretRotated('Restart', { crossStackScope: made.stack });
    expect(rule(made, 'Restart')).toHaveProperty('EventPattern');
  });
});

test('grantInvoke allows invoking the rotate function', () => {
  const made = subject();
  made.hub.grantInvoke(new iam.Role(made.stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() }));
  expect(statementsOfRole(made.template, 'Operator')).toEqual([
    {
      Effect: 'Allow',
      Action: ['lambda:InvokeFunction'],
      Resource: [arnOf('HubRotateFunction'), { 'Fn::Join': ['', [arnOf('HubRotateFunction'), ':*']] }],
    },
  ]);
});
