import { queryApi, type HttpApi } from './http-api';
import type { IamModel } from './iam';
import type { TopicModel } from './topics';

const PAGE = 100;

/** What people's tools ask SNS about the subscriptions of a topic. */
export function topicsApi(model: TopicModel, iam: IamModel, account: string): HttpApi {
  return queryApi('sns', 'http://sns.amazonaws.com/doc/2010-03-31/', {
    ListSubscriptionsByTopic: (parameters, principal) => {
      const topic = parameters.get('TopicArn') ?? '';
      iam.authorize({ principal, action: 'sns:ListSubscriptionsByTopic', resource: topic });
      const all = model.subscriptions(topic);
      const start = Number(parameters.get('NextToken') ?? 0);
      return {
        Subscriptions: all.slice(start, start + PAGE).map(({ arn, protocol, endpoint, isConfirmed }) => ({
          SubscriptionArn: isConfirmed ? arn : 'PendingConfirmation',
          Owner: account,
          Protocol: protocol,
          Endpoint: endpoint,
          TopicArn: topic,
        })),
        NextToken: start + PAGE < all.length ? String(start + PAGE) : undefined,
      };
    },
  });
}
