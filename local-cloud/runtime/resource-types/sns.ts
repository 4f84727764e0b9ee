import { createHash } from 'node:crypto';
import type { ResourceType } from './resource-type';

export const TOPIC: ResourceType = {
  replacedBy: ['TopicName'],
  put({ properties, name }, stack) {
    properties.all();
    const topicName = name('TopicName', 256);
    const arn = stack.arn('sns', topicName);
    stack.services.topics.create(arn);
    return { ref: arn, attributes: { TopicArn: arn, TopicName: topicName } };
  },
  remove({ ref }, stack) {
    stack.services.topics.delete(ref);
  },
};

export const SUBSCRIPTION: ResourceType = {
  replacedBy: ['TopicArn', 'Protocol', 'Endpoint'],
  put({ logicalId, properties, existing }, stack) {
    const [topic, protocol, endpoint] = ['TopicArn', 'Protocol', 'Endpoint'].map((name) => properties.text(name));
    properties.all();
    const suffix = createHash('sha256').update(`${logicalId} ${protocol} ${endpoint}`).digest('hex').slice(0, 12);
    const ref = existing?.ref ?? `${topic}:${suffix}`;
    if (existing === undefined) {
      stack.services.topics.subscribe(topic ?? '', ref, protocol ?? '', endpoint ?? '');
    }
    return { ref, attributes: { Arn: ref } };
  },
  remove({ ref }, stack) {
    stack.services.topics.unsubscribe(ref);
  },
};
