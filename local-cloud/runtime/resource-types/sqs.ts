import type { QueueAttributes } from '../../services/queues';
import type { ResourceType } from './resource-type';
import { documentOf } from './iam';

/** What a queue goes back to when a template stops saying otherwise. */
const DEFAULTS: QueueAttributes = {
  VisibilityTimeout: 30,
  MessageRetentionPeriod: 345_600,
  DelaySeconds: 0,
  ReceiveMessageWaitTimeSeconds: 0,
};

const NO_ATTRIBUTES = ['QueueName', 'Tags'];

export const QUEUE: ResourceType = {
  replacedBy: ['QueueName', 'FifoQueue'],
  put({ logicalId, properties, existing, name }, stack) {
    const queueName = name('QueueName', 80);
    // The services refuse an unknown attribute.
    const given = Object.entries(properties.all()).filter(([property]) => !NO_ATTRIBUTES.includes(property));
    const attributes: QueueAttributes = { ...DEFAULTS, ...Object.fromEntries(given) };
    const { queues } = stack.services;
    const arn = queues.arnOfName(queueName);
    if (existing === undefined) {
      queues.create({ name: queueName, attributes });
    } else {
      queues.setAttributes(arn, attributes);
    }
    const url = queues.urlOf(arn);
    stack.queues.set(logicalId, { name: queueName, arn, url });
    return { ref: url, attributes: { Arn: arn, QueueName: queueName, QueueUrl: url } };
  },
  remove({ logicalId, isReplaced, attributes }, stack) {
    if (!isReplaced) {
      stack.queues.delete(logicalId);
    }
    stack.services.queues.remove(attributes.Arn ?? '');
  },
};

export const QUEUE_POLICY: ResourceType = {
  put({ logicalId, properties }, stack) {
    const document = documentOf(properties, 'PolicyDocument');
    for (const url of properties.texts('Queues')) {
      stack.services.queues.setPolicy(url, document);
    }
    return { ref: logicalId, attributes: { Id: logicalId } };
  },
  remove({ isReplaced, properties }, stack) {
    for (const url of isReplaced ? [] : properties.texts('Queues')) {
      // The queue can be deleted before its policy.
      if (stack.services.queues.list().some((arn) => stack.services.queues.urlOf(arn) === url)) {
        stack.services.queues.setPolicy(url, undefined);
      }
    }
  },
};
