import type { PutEventsRequest } from '@aws-sdk/client-eventbridge';
import { AwsError } from './aws-error';
import type { EventBusModel } from './events';
import type { IamModel } from './iam';
import { operation, type ServiceApi } from './operation';

/** EventBridge's one operation that functions call. */
export function eventsApi(model: EventBusModel, iam: IamModel): ServiceApi {
  return {
    name: 'events',
    target: 'AWSEvents',
    contentType: 'application/x-amz-json-1.1',
    errorNamespace: '',
    throttled: new AwsError('ThrottlingException', 'Rate exceeded'),
    operations: {
      PutEvents: operation<PutEventsRequest>(
        {
          Entries: {
            list: {
              Time: 'time',
              Source: 'string',
              Resources: 'strings',
              DetailType: 'string',
              Detail: 'string',
              EventBusName: 'string',
            },
          },
        },
        (request, principal) => {
          for (const entry of request.Entries ?? []) {
            iam.authorize({
              principal,
              action: 'events:PutEvents',
              resource: model.arnOf(entry.EventBusName),
              context: {
                ...(entry.Source === undefined ? {} : { 'events:source': entry.Source }),
                ...(entry.DetailType === undefined ? {} : { 'events:detail-type': entry.DetailType }),
              },
            });
          }
          return model.putEvents(request);
        },
      ),
    },
  };
}
