import type {
  AddPermissionRequest,
  CancelMessageMoveTaskRequest,
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityRequest,
  CreateQueueRequest,
  DeleteMessageBatchRequest,
  DeleteMessageRequest,
  GetQueueAttributesRequest,
  GetQueueUrlRequest,
  ListMessageMoveTasksRequest,
  MessageAttributeValue,
  ReceiveMessageRequest,
  RemovePermissionRequest,
  SendMessageRequest,
  SetQueueAttributesRequest,
  StartMessageMoveTaskRequest,
} from '@aws-sdk/client-sqs';
import { AwsError, NotEmulated } from './aws-error';
import type { IamModel, Principal } from './iam';
import { digestOfAttributes, type MessageAttribute, type MessageAttributes } from './queue-model';
import { operation, type ServiceApi } from './operation';
import type { PolicyDocument } from './policy';
import { withoutPermission, withPermission } from './queue-permissions';
import type { ReceivedMessage } from './queue-model';
import {
  invalidValue,
  type QueueAction,
  type QueueAttributes,
  type Queues,
  type RedriveAllowPolicy,
  type RedrivePolicy,
} from './queues';

const MAX_BATCH = 10;

/** The old name of `MessageSystemAttributeNames`. Older SDKs still send it. */
const OLDER_NAME = 'AttributeNames';

/** The operations of SQS, in its JSON protocol. */
// eslint-disable-next-line max-lines-per-function -- a table of operations, each a short function
export function queuesApi(queues: Queues, iam: IamModel): ServiceApi {
  /** Authorizes the call, and returns as whom to act. */
  const as = (principal: Principal, action: QueueAction, queueUrl: string | undefined): string => {
    queues.authorize(principal, action, queueUrl ?? '');
    return queueUrl ?? '';
  };

  return {
    name: 'sqs',
    target: 'AmazonSQS',
    contentType: 'application/x-amz-json-1.0',
    errorNamespace: 'com.amazonaws.sqs',
    throttled: new AwsError('RequestThrottled', 'Request is throttled.', 400, 'RequestThrottled'),
    operations: {
      CreateQueue: operation<CreateQueueRequest>({ QueueName: 'string!', Attributes: 'map' }, (request, principal) => {
        const name = request.QueueName ?? '';
        iam.authorize({ principal, action: 'sqs:CreateQueue', resource: queues.arnOfName(name) });
        const existing = existingQueue(queues, name, request.Attributes ?? {});
        if (existing !== undefined) {
          return { QueueUrl: existing };
        }
        const { attributes, policy } = attributesFrom(request.Attributes ?? {});
        const { url } = queues.create({ name, attributes });
        if (policy !== undefined) {
          queues.setPolicy(url, policyFrom(policy), policy);
        }
        return { QueueUrl: url };
      }),
      GetQueueUrl: operation<GetQueueUrlRequest>({ QueueName: 'string!' }, (request, principal) => {
        const arn = queues.arnOfName(request.QueueName ?? '');
        queues.authorize(principal, 'GetQueueUrl', arn);
        queues.inspect(arn);
        return { QueueUrl: queues.urlOf(arn) };
      }),
      GetQueueAttributes: operation<GetQueueAttributesRequest>(
        { QueueUrl: 'string!', AttributeNames: 'strings' },
        (request, principal) => {
          const all = queues.attributes(as(principal, 'GetQueueAttributes', request.QueueUrl));
          const wanted: readonly string[] = request.AttributeNames ?? [];
          const known = [
            ...Object.keys(all),
            'All',
            'Policy',
            'RedrivePolicy',
            'RedriveAllowPolicy',
            'KmsMasterKeyId',
            'KmsDataKeyReusePeriodSeconds',
          ];
          const unknown = wanted.find((name) => !known.includes(name));
          if (unknown !== undefined) {
            throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`, 400, 'InvalidAttributeName');
          }
          const chosen = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
          return chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) };
        },
      ),
      SetQueueAttributes: operation<SetQueueAttributesRequest>(
        { QueueUrl: 'string!', Attributes: 'map!' },
        (request, principal) => {
          const url = as(principal, 'SetQueueAttributes', request.QueueUrl);
          const { attributes, policy } = attributesFrom(request.Attributes ?? {});
          queues.setAttributes(url, attributes);
          if (policy !== undefined) {
            queues.setPolicy(url, policy === '' ? undefined : policyFrom(policy), policy === '' ? undefined : policy);
          }
        },
      ),
      AddPermission: operation<AddPermissionRequest>(
        { QueueUrl: 'string!', Label: 'string!', AWSAccountIds: 'strings!', Actions: 'strings!' },
        ({ QueueUrl, Label: label = '', AWSAccountIds: accounts = [], Actions: actions = [] }, principal) => {
          const url = as(principal, 'AddPermission', QueueUrl);
          const policy = queues.policyOf(url);
          queues.setPolicy(url, withPermission(policy, queues.arnOf(url), { label, accounts, actions }));
        },
      ),
      RemovePermission: operation<RemovePermissionRequest>(
        { QueueUrl: 'string!', Label: 'string!' },
        ({ QueueUrl, Label: label = '' }, principal) => {
          const url = as(principal, 'RemovePermission', QueueUrl);
          queues.setPolicy(url, withoutPermission(queues.policyOf(url), label));
        },
      ),
      ...moveTaskOperations(queues),
      SendMessage: operation<SendMessageRequest>(
        { QueueUrl: 'string!', MessageBody: 'string', DelaySeconds: 'number', MessageAttributes: 'map' },
        async (request, principal) => {
          const url = as(principal, 'SendMessage', request.QueueUrl);
          const attributes = messageAttributesFrom(request.MessageAttributes ?? {});
          const sent = await queues.send(url, request.MessageBody ?? '', {
            attributes,
            senderId: principal.arn,
            ...(request.DelaySeconds === undefined ? {} : { delaySeconds: request.DelaySeconds }),
          });
          return {
            MessageId: sent.messageId,
            MD5OfMessageBody: sent.md5OfBody,
            ...(sent.md5OfAttributes === undefined ? {} : { MD5OfMessageAttributes: sent.md5OfAttributes }),
          };
        },
      ),
      ReceiveMessage: operation<ReceiveMessageRequest>(
        {
          QueueUrl: 'string!',
          MaxNumberOfMessages: 'number',
          VisibilityTimeout: 'number',
          WaitTimeSeconds: 'number',
          AttributeNames: 'strings',
          MessageSystemAttributeNames: 'strings',
          MessageAttributeNames: 'strings',
        },
        async (request, principal) => {
          const url = as(principal, 'ReceiveMessage', request.QueueUrl);
          const { WaitTimeSeconds: wait, VisibilityTimeout: visibility } = request;
          if (wait !== undefined && !(wait >= 0 && wait <= 20)) {
            throw invalidParameter(
              `Value ${wait} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.`,
            );
          }
          const messages = await queues.receive(url, {
            max: request.MaxNumberOfMessages ?? 1,
            ...(wait === undefined ? {} : { waitSeconds: wait }),
            ...(visibility === undefined ? {} : { visibilitySeconds: visibility }),
          });
          return messages.length === 0 ? {} : { Messages: messages.map((message) => answered(message, request)) };
        },
      ),
      DeleteMessage: operation<DeleteMessageRequest>(
        { QueueUrl: 'string!', ReceiptHandle: 'string!' },
        async (request, principal) => {
          const url = as(principal, 'DeleteMessage', request.QueueUrl);
          await queues.delete(url, request.ReceiptHandle ?? '');
        },
      ),
      DeleteMessageBatch: operation<DeleteMessageBatchRequest>(
        { QueueUrl: 'string!', Entries: { list: { Id: 'string!', ReceiptHandle: 'string!' } } },
        (request, principal) => {
          const url = as(principal, 'DeleteMessage', request.QueueUrl);
          return batch(request.Entries, (entry) => queues.delete(url, entry.ReceiptHandle ?? ''));
        },
      ),
      ChangeMessageVisibility: operation<ChangeMessageVisibilityRequest>(
        { QueueUrl: 'string!', ReceiptHandle: 'string!', VisibilityTimeout: 'number!' },
        async (request, principal) => {
          const url = as(principal, 'ChangeMessageVisibility', request.QueueUrl);
          await queues.changeVisibility(url, request.ReceiptHandle ?? '', request.VisibilityTimeout ?? 0);
        },
      ),
      ChangeMessageVisibilityBatch: operation<ChangeMessageVisibilityBatchRequest>(
        {
          QueueUrl: 'string!',
          Entries: { list: { Id: 'string!', ReceiptHandle: 'string!', VisibilityTimeout: 'number' } },
        },
        (request, principal) => {
          const url = as(principal, 'ChangeMessageVisibility', request.QueueUrl);
          return batch(request.Entries, (entry) =>
            queues.changeVisibility(url, entry.ReceiptHandle ?? '', entry.VisibilityTimeout ?? 0),
          );
        },
      ),
    },
  };
}

/** Who starts a task also needs what the task does in their name. */
function moveTaskOperations(queues: Queues): ServiceApi['operations'] {
  return {
    StartMessageMoveTask: operation<StartMessageMoveTaskRequest>(
      { SourceArn: 'string!', DestinationArn: 'string', MaxNumberOfMessagesPerSecond: 'number' },
      ({ SourceArn: source = '', DestinationArn: destination, MaxNumberOfMessagesPerSecond: perSecond }, principal) => {
        for (const action of [
          'StartMessageMoveTask',
          'ReceiveMessage',
          'DeleteMessage',
          'GetQueueAttributes',
        ] as const) {
          queues.authorize(principal, action, source);
        }
        for (const target of destination === undefined ? queues.sourcesOf(source) : [destination]) {
          queues.authorize(principal, 'SendMessage', target);
        }
        return { TaskHandle: queues.moveTasks.start({ source, destination, perSecond }) };
      },
    ),
    ListMessageMoveTasks: operation<ListMessageMoveTasksRequest>(
      { SourceArn: 'string!', MaxResults: 'number' },
      ({ SourceArn: source = '', MaxResults: max }, principal) => {
        queues.authorize(principal, 'ListMessageMoveTasks', source);
        return { Results: queues.moveTasks.list(source, max) };
      },
    ),
    CancelMessageMoveTask: operation<CancelMessageMoveTaskRequest>(
      { TaskHandle: 'string!' },
      ({ TaskHandle: handle = '' }, principal) => {
        queues.authorize(principal, 'CancelMessageMoveTask', queues.moveTasks.sourceOf(handle));
        return { ApproximateNumberOfMessagesMoved: queues.moveTasks.cancel(handle) };
      },
    ),
  };
}

async function batch<Entry extends { Id: string | undefined }>(
  entries: readonly Entry[] = [],
  action: (entry: Entry) => Promise<void>,
): Promise<{
  Successful: { Id: string }[];
  Failed: { Id: string; Code: string; SenderFault: true; Message: string }[];
}> {
  refuseImpossibleBatch(entries);
  const Successful = [];
  const Failed = [];
  for (const entry of entries) {
    const Id = entry.Id ?? '';
    try {
      await action(entry);
      Successful.push({ Id });
    } catch (error) {
      if (!(error instanceof AwsError)) {
        throw error;
      }
      Failed.push({ Id, Code: error.queryCode ?? error.code, SenderFault: true as const, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function refuseImpossibleBatch(entries: readonly { readonly Id: string | undefined }[]): void {
  if (entries.length === 0) {
    throw batchError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > MAX_BATCH) {
    throw batchError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${MAX_BATCH}. You have sent ${entries.length}.`,
    );
  }
  const ids = entries.map(({ Id = '' }) => Id);
  if (!ids.every((id) => /^[A-Za-z0-9_-]{1,80}$/.test(id))) {
    throw batchError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) {
    throw batchError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
  }
}

function batchError(code: string, message: string): AwsError {
  return new AwsError(code, message, 400, `AWS.SimpleQueueService.${code}`);
}

/** @returns the URL of a queue of that name that has these attributes: creating it again is no error */
function existingQueue(queues: Queues, name: string, wanted: Readonly<Record<string, string>>): string | undefined {
  const arn = queues.arnOfName(name);
  if (!queues.list().includes(arn)) {
    return undefined;
  }
  const all = queues.attributes(arn);
  const different = Object.entries(wanted).find(([attribute, value]) => all[attribute] !== value);
  if (different !== undefined) {
    throw new AwsError(
      'QueueNameExists',
      `A queue already exists with the same name and a different value for attribute ${different[0]}`,
      400,
      'QueueAlreadyExists',
    );
  }
  return queues.urlOf(arn);
}

function answered(message: ReceivedMessage, request: ReceiveMessageRequest): object {
  const olderNames = (request as { readonly [OLDER_NAME]?: readonly string[] })[OLDER_NAME] ?? [];
  const system: readonly string[] = [...(request.MessageSystemAttributeNames ?? []), ...olderNames];
  const own = request.MessageAttributeNames ?? [];
  const attributes = Object.entries(message.attributes).filter(
    ([name]) => system.includes('All') || system.includes(name),
  );
  const messageAttributes = Object.fromEntries(
    Object.entries(message.messageAttributes).filter(([name]) =>
      own.some(
        (wanted) =>
          wanted === 'All' ||
          wanted === name ||
          (wanted.endsWith('*') && name.startsWith(wanted.replace(/\.?\*$/, ''))),
      ),
    ),
  );
  const digest = digestOfAttributes(messageAttributes);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    ...(attributes.length === 0 ? {} : { Attributes: Object.fromEntries(attributes) }),
    ...(digest === undefined ? {} : { MessageAttributes: messageAttributes, MD5OfMessageAttributes: digest }),
  };
}

function messageAttributesFrom(given: Record<string, MessageAttributeValue>): MessageAttributes {
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, value] of Object.entries(given)) {
    const { DataType: type = '', StringValue: text, BinaryValue: binary } = value;
    if (text === '') {
      throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${type}'.`);
    }
    if (!/^(String|Number|Binary)(\.|$)/.test(type) || (text === undefined) === (binary === undefined)) {
      throw invalidParameter(`The message attribute '${name}' has an invalid type or value.`);
    }
    attributes[name] = {
      DataType: type,
      ...(text === undefined ? {} : { StringValue: text }),
      // On the wire it is base64, unlike in the SDK's type of the request.
      ...(binary === undefined ? {} : { BinaryValue: new Uint8Array(Buffer.from(String(binary), 'base64')) }),
    };
  }
  return attributes;
}

function attributesFrom(given: Partial<Record<string, string>>): {
  attributes: QueueAttributes;
  policy: string | undefined;
} {
  const { Policy: policy, RedrivePolicy: redrive, RedriveAllowPolicy: allow, ...others } = given;
  const attributes: QueueAttributes = {
    ...others,
    ...(redrive !== undefined && {
      RedrivePolicy: redrive === '' ? '' : (parsed('RedrivePolicy', redrive) as RedrivePolicy),
    }),
    ...(allow !== undefined && {
      RedriveAllowPolicy: parsed('RedriveAllowPolicy', allow) as RedriveAllowPolicy,
    }),
  };
  return { attributes, policy };
}

function parsed(name: string, text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    throw invalidValue(name, text);
  }
}

function policyFrom(text: string): PolicyDocument {
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch {
    throw new NotEmulated('a queue policy that is not JSON');
  }
}

function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, 'InvalidParameterValue');
}
