import {
  App,
  Aspects,
  Aws,
  CfnDeletionPolicy,
  CfnParameter,
  Duration,
  NestedStack,
  PermissionsBoundary,
  PropertyInjectors,
  RemovalPolicies,
  RemovalPolicy,
  Stack,
  Stage,
  Tags,
  type IAspect,
  type IPropertyInjector,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import { SpApiSecretRotation } from '../../lib';
import { Subject } from './synthesis';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

function resources(template: Template, type: string): Resource[] {
  return Object.values(template.findResources(type)) as Resource[];
}

/** What a company has every construct of a kind be made with. */
function injector(constructUniqueId: string, defaults: Record<string, unknown>): IPropertyInjector {
  return { constructUniqueId, inject: (properties) => ({ ...(properties as object), ...defaults }) };
}

describe('property injectors of the embedding app', () => {
  test('are honoured by functions, roles and log groups', () => {
    const subject = new Subject((stack) => {
      PropertyInjectors.of(stack).add(
        injector(lambda.Function.PROPERTY_INJECTION_ID, { tracing: lambda.Tracing.ACTIVE }),
        injector(iam.Role.PROPERTY_INJECTION_ID, { path: '/company/' }),
        injector(logs.LogGroup.PROPERTY_INJECTION_ID, { retention: logs.RetentionDays.TEN_YEARS }),
      );
      return {};
    });
    subject.hub.addApplication('App');
    subject.template.allResourcesProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
    subject.template.allResourcesProperties('AWS::IAM::Role', { Path: '/company/' });
    subject.template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 3653 });
  });

  test('may give the queues a key, into which Amazon is let then', () => {
    const subject = new Subject((stack) => {
      const key = new kms.Key(stack, 'CompanyKey');
      PropertyInjectors.of(stack).add(
        injector(sqs.Queue.PROPERTY_INJECTION_ID, {
          encryption: sqs.QueueEncryption.KMS,
          encryptionMasterKey: key,
        }),
      );
      return {};
    });
    subject.hub.addApplication('App');
    subject.template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Sid: 'SellingPartnerApiNotifications', Action: ['kms:GenerateDataKey', 'kms:Decrypt'] }),
        ]),
      },
    });
    subject.template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: { NOTIFICATION_QUEUE_KEY_ARN: { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] } } },
    });
  });

  test('cannot give the queues a key that Amazon could not use', () => {
    expect(
      () =>
        new Subject((stack) => {
          PropertyInjectors.of(stack).add(
            injector(sqs.Queue.PROPERTY_INJECTION_ID, { encryption: sqs.QueueEncryption.KMS_MANAGED }),
          );
          return {};
        }),
    ).toThrow('must not be encrypted with the key that AWS manages');
  });
});

describe('aspects of the embedding app', () => {
  class EncryptLogs implements IAspect {
    public visit(node: IConstruct): void {
      if (node instanceof logs.CfnLogGroup) {
        node.kmsKeyId = 'arn:aws:kms:eu-west-1:111122223333:key/logs';
      } else if (node instanceof secretsmanager.CfnSecret) {
        node.kmsKeyId = 'arn:aws:kms:eu-west-1:111122223333:key/secrets';
      }
    }
  }

  test('reach every resource', () => {
    const subject = new Subject();
    subject.hub.addApplication('App');
    Aspects.of(subject.app).add(new EncryptLogs());
    subject.template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.stringLikeRegexp('logs$') });
    subject.template.allResourcesProperties('AWS::SecretsManager::Secret', {
      KmsKeyId: Match.stringLikeRegexp('secrets$'),
    });
  });

  test('that would delete queues or secrets get a warning each', () => {
    const subject = new Subject();
    subject.hub.addApplication('App');
    RemovalPolicies.of(subject.stack).destroy();
    expect(subject.warnings()).toEqual(['cdk-sp-api-secret-rotation:SpApiSecretRotation.notRetained']);
    expect(subject.warning('cdk-sp-api-secret-rotation:SpApiSecretRotation.notRetained')).toContain(
      'the only copy of a client secret',
    );
  });

  test('are heard also where they come last', () => {
    const subject = new Subject();
    subject.hub.addApplication('App');
    RemovalPolicies.of(subject.stack).destroy({ priority: 2000 });
    expect(subject.warnings()).toEqual(['cdk-sp-api-secret-rotation:SpApiSecretRotation.notRetained']);
  });

  test.each(['deletionPolicy', 'updateReplacePolicy'] as const)('that change no more than the %s do too', (policy) => {
    const subject = new Subject();
    subject.hub.addApplication('App');
    Aspects.of(subject.stack).add({
      visit: (node) => {
        if (node instanceof sqs.CfnQueue) {
          node.cfnOptions[policy] = CfnDeletionPolicy.DELETE;
        }
      },
    });
    expect(subject.warnings()).toEqual(['cdk-sp-api-secret-rotation:SpApiSecretRotation.notRetained']);
  });

  test.each(['encryptionKey', 'secretEncryptionKey'] as const)('a %s that goes with the stack is warned of', (prop) => {
    const withKey = (removalPolicy: RemovalPolicy): string[] => {
      const subject = new Subject((stack) => ({ [prop]: new kms.Key(stack, 'Key', { removalPolicy }) }));
      subject.hub.addApplication('App');
      return subject.warnings();
    };
    expect(withKey(RemovalPolicy.DESTROY)).toContain('cdk-sp-api-secret-rotation:SpApiSecretRotation.keyNotRetained');
    expect(withKey(RemovalPolicy.RETAIN)).toEqual([]);
  });

  test('that do not touch queues and secrets get no warning', () => {
    const subject = new Subject();
    subject.hub.addApplication('App');
    RemovalPolicies.of(subject.stack).destroy({ applyToResourceTypes: ['AWS::Logs::LogGroup'] });
    expect(subject.warnings()).toEqual([]);
    for (const { DeletionPolicy } of resources(subject.template, 'AWS::Logs::LogGroup')) {
      expect(DeletionPolicy).toBe('Delete');
    }
  });
});

test('tags of the stack are on everything that can have them', () => {
  const subject = new Subject();
  subject.hub.addApplication('App');
  Tags.of(subject.stack).add('cost-centre', 'marketplace');
  for (const type of [
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
    'AWS::Logs::LogGroup',
    'AWS::SecretsManager::Secret',
    'AWS::SQS::Queue',
  ]) {
    subject.template.allResourcesProperties(type, {
      Tags: Match.arrayWith([{ Key: 'cost-centre', Value: 'marketplace' }]),
    });
  }
  subject.template.allResourcesProperties('AWS::SSM::Parameter', { Tags: { 'cost-centre': 'marketplace' } });
});

describe('a permissions boundary is on every role', () => {
  const onEveryRole = (template: Template): void => {
    expect(resources(template, 'AWS::IAM::Role').length).toBeGreaterThan(2);
    template.allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
  };

  test('from the stack', () => {
    const subject = new Subject({}, { stack: { permissionsBoundary: PermissionsBoundary.fromName('company') } });
    subject.hub.addApplication('App');
    onEveryRole(subject.template);
  });

  test('from the scope', () => {
    const subject = new Subject();
    subject.hub.addApplication('App');
    iam.PermissionsBoundary.of(subject.stack).apply(
      iam.ManagedPolicy.fromManagedPolicyName(subject.stack, 'Boundary', 'company'),
    );
    onEveryRole(subject.template);
  });
});

describe('a hub among other stacks', () => {
  test('uses secrets, keys, topics and buses of another stack, without a circle', () => {
    const app = new App();
    const foundation = new Stack(app, 'Foundation');
    const stack = new Stack(app, 'Stack');
    const key = new kms.Key(foundation, 'Key');
    const hub = new SpApiSecretRotation(stack, 'Hub', {
      encryptionKey: key,
      eventBus: new events.EventBus(foundation, 'Bus'),
      alarmTopic: new sns.Topic(foundation, 'Topic'),
    });
    hub.addApplication('App', {
      secret: secretsmanager.Secret.fromSecretAttributes(foundation, 'Secret', {
        secretPartialArn: `arn:aws:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:sp-api`,
        encryptionKey: key,
      }),
    });
    expect(() => app.synth()).not.toThrow();
    expect(stack.dependencies).toEqual([foundation]);
  });

  test('works in a nested stack', () => {
    const parent = new Stack(new App(), 'Parent');
    const nested = new NestedStack(parent, 'Nested');
    const hub = new SpApiSecretRotation(nested, 'Hub', { encryptionKey: new kms.Key(parent, 'Key') });
    hub.addApplication('App', { secret: new secretsmanager.Secret(parent, 'Secret') });
    const template = Template.fromStack(nested);
    template.resourceCountIs('AWS::SQS::Queue', 3);
    template.hasOutput('*', { Description: Match.stringLikeRegexp('^Register this ARN') });
  });

  test('works in two stages of a pipeline, each with its own account and region', () => {
    const app = new App();
    for (const [id, region] of Object.entries({ Test: 'eu-west-1', Production: 'us-east-1' })) {
      const stage = new Stage(app, id, { env: { account: '111122223333', region } });
      new SpApiSecretRotation(new Stack(stage, 'Stack'), 'Hub').addApplication('App');
    }
    const stacks = app.synth().nestedAssemblies.flatMap(({ nestedAssembly }) => nestedAssembly.stacks);
    expect(stacks.map(({ environment }) => environment.region).sort()).toEqual(['eu-west-1', 'us-east-1']);
  });

  test('two hubs on one bus each see their own events only', () => {
    const stack = new Stack(new App(), 'Stack');
    const eventBus = new events.EventBus(stack, 'Bus');
    for (const id of ['One', 'Two']) {
      new SpApiSecretRotation(stack, id, { eventBus }).addApplication('App');
    }
    const hubs = resources(Template.fromStack(stack), 'AWS::Events::Rule').map(({ Properties }) =>
      JSON.stringify((Properties.EventPattern as { detail: { hub: unknown } }).detail.hub),
    );
    expect(hubs).toHaveLength(2);
    expect(new Set(hubs).size).toBe(2);
  });
});

describe('a secret that cannot be looked after is refused', () => {
  const inIreland = { stack: { env: { account: '111122223333', region: 'eu-west-1' } } };

  test('a replica in another region, by its ARN', () => {
    const { stack, hub } = new Subject({}, inIreland);
    const secret = secretsmanager.Secret.fromSecretCompleteArn(
      stack,
      'Replica',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:sp-api-AbCdEf',
    );
    expect(() => hub.addApplication('App', { secret })).toThrow('for a replicated secret, pass the primary one');
  });

  test('a secret with managed rotation, also if that is turned on later', () => {
    const { app, stack, hub } = new Subject();
    const secret = secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'sp-api');
    hub.addApplication('App', { secret });
    secret.addRotationSchedule('Rotation', {
      rotationLambda: lambda.Function.fromFunctionArn(
        stack,
        'Other',
        'arn:aws:lambda:eu-west-1:111122223333:function:other',
      ),
      automaticallyAfter: Duration.days(30),
    });
    expect(() => app.synth()).toThrow(/secret of application "App" must not have managed rotation as well/);
  });
});

describe('a VPC', () => {
  const WARNING = 'cdk-sp-api-secret-rotation:SpApiSecretRotation.vpcWithoutWayOut';

  test('whose subnets are isolated gets a warning', () => {
    const subject = new Subject((stack) => ({
      vpc: new ec2.Vpc(stack, 'Vpc', {
        subnetConfiguration: [{ name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      }),
    }));
    subject.hub.addApplication('App');
    expect(subject.warnings()).toEqual([WARNING]);
  });

  test('with egress, or known only at deployment, gets no warning', () => {
    const subject = new Subject((stack) => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: new CfnParameter(stack, 'VpcId').valueAsString,
        availabilityZones: ['a'],
        privateSubnetIds: [new CfnParameter(stack, 'SubnetId').valueAsString],
      }),
    }));
    subject.hub.addApplication('App');
    expect(subject.warnings()).not.toContain(WARNING);
  });

  test('whose only subnets are public is refused by the CDK', () => {
    expect(
      () =>
        new Subject((stack) => ({
          vpc: new ec2.Vpc(stack, 'Vpc', {
            subnetConfiguration: [{ name: 'public', subnetType: ec2.SubnetType.PUBLIC }],
            natGateways: 0,
          }),
        })),
    ).toThrow(/public subnet/);
  });
});
