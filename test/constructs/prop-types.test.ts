import type { SpApiApplicationProps, SpApiSecretRotationProps } from '../../lib';
import { Subject } from './synthesis';

const SECRET = 'amzn1.oa2-cs.v1.0123456789';

/** What somebody may write in JavaScript, where no compiler looks, and what the error calls the right type. */
const WRONG: Readonly<Record<keyof SpApiSecretRotationProps, readonly [unknown, string]>> = {
  schedule: ['rate(1 hour)', 'a scheduler.ScheduleExpression; received a string'],
  mode: ['off', 'a RotationMode; received a string'],
  rotationWindow: ['09:00-17:00', 'a RotationWindow; received a string'],
  encryptionKey: ['alias/key', 'a kms.IKey; received a string'],
  secretEncryptionKey: [true, 'a kms.IKey; received a boolean'],
  notificationQueue: ['arn', 'an sqs.IQueue; received a string'],
  queueName: [7, 'a string; received a number'],
  alarmTopic: ['arn', 'an sns.ITopic; received a string'],
  applicationMetrics: ['yes', 'true or false; received a string'],
  dashboard: [null, 'true or false; received null'],
  eventBus: ['default', 'an events.IEventBus; received a string'],
  lwaTokenUrl: [{}, 'a string; received an object'],
  runtime: ['nodejs24.x', 'a lambda.Runtime; received a string'],
  architecture: ['arm64', 'a lambda.Architecture; received a string'],
  memorySize: ['256', 'a number; received a string'],
  vpc: ['vpc-1', 'an ec2.IVpc; received a string'],
  vpcSubnets: ['private', 'an object; received a string'],
  securityGroups: ['sg-1', 'a list; received a string'],
  logRetention: ['1 year', 'a number; received a string'],
  removalPolicy: ['delete', 'a RemovalPolicy; received a string'],
};

test.each(Object.entries(WRONG))('%s of another type is named, and not repeated', (prop, [value, message]) => {
  expect(() => new Subject({ [prop]: value })).toThrow(`${prop} must be ${message}`);
});

const WRONG_OF_APPLICATION: Readonly<Record<keyof SpApiApplicationProps, readonly [unknown, string]>> = {
  secret: [SECRET, 'a secretsmanager.ISecret; received a string'],
  secretName: [1, 'a string; received a number'],
  region: ['EUROPE', 'an SpApiRegion; received a string'],
  rotateAfter: [90, 'a Duration; received a number'],
  mode: [SECRET, 'a RotationMode; received a string'],
  rotationWindow: [{}, 'a RotationWindow; received an object'],
  clientId: [1, 'a string; received a number'],
  clientIdField: [1, 'a string; received a number'],
  clientSecretField: [{}, 'a string; received an object'],
};

test.each(Object.entries(WRONG_OF_APPLICATION))('%s of an application of another type as well', (prop, wrong) => {
  const [value, message] = wrong;
  expect(() => new Subject().hub.addApplication('Shop', { [prop]: value })).toThrow(
    `${prop} of application "Shop" must be ${message}`,
  );
});

test('a prop that is undefined is left out', () => {
  const props = Object.fromEntries(Object.keys(WRONG).map((prop) => [prop, undefined]));
  expect(() => new Subject(props).hub.addApplication('Shop', { secret: undefined })).not.toThrow();
});
