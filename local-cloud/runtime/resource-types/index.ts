import { ALARM } from './cloud-watch';
import { EVENT_BUS, RULE, SCHEDULE } from './events';
import { MANAGED_POLICY, POLICY, ROLE } from './iam';
import { ALIAS as KEY_ALIAS, KEY } from './kms';
import { ALIAS, EVENT_INVOKE_CONFIG, EVENT_SOURCE_MAPPING, FUNCTION, PERMISSION, URL } from './lambda';
import { CDK_METADATA, COMPOSITE_ALARM, DASHBOARD, LOG_GROUP, TOPIC_POLICY } from './recorded';
import type { ResourceType } from './resource-type';
import { SECRET } from './secrets-manager';
import { SUBSCRIPTION, TOPIC } from './sns';
import { QUEUE, QUEUE_POLICY } from './sqs';
import { PARAMETER } from './ssm';

/** Every resource type that the local cloud knows. Another one in a template is refused. */
export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map([
  ['AWS::CDK::Metadata', CDK_METADATA],
  ['AWS::CloudWatch::Alarm', ALARM],
  ['AWS::CloudWatch::CompositeAlarm', COMPOSITE_ALARM],
  ['AWS::CloudWatch::Dashboard', DASHBOARD],
  ['AWS::Events::EventBus', EVENT_BUS],
  ['AWS::Events::Rule', RULE],
  ['AWS::IAM::ManagedPolicy', MANAGED_POLICY],
  ['AWS::IAM::Policy', POLICY],
  ['AWS::IAM::Role', ROLE],
  ['AWS::KMS::Alias', KEY_ALIAS],
  ['AWS::KMS::Key', KEY],
  ['AWS::Lambda::Alias', ALIAS],
  ['AWS::Lambda::EventInvokeConfig', EVENT_INVOKE_CONFIG],
  ['AWS::Lambda::EventSourceMapping', EVENT_SOURCE_MAPPING],
  ['AWS::Lambda::Function', FUNCTION],
  ['AWS::Lambda::Permission', PERMISSION],
  ['AWS::Lambda::Url', URL],
  ['AWS::Logs::LogGroup', LOG_GROUP],
  ['AWS::SNS::Subscription', SUBSCRIPTION],
  ['AWS::SNS::Topic', TOPIC],
  ['AWS::SNS::TopicPolicy', TOPIC_POLICY],
  ['AWS::SQS::Queue', QUEUE],
  ['AWS::SQS::QueuePolicy', QUEUE_POLICY],
  ['AWS::SSM::Parameter', PARAMETER],
  ['AWS::Scheduler::Schedule', SCHEDULE],
  ['AWS::SecretsManager::Secret', SECRET],
]);
