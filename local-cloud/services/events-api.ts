import type { PutEventsRequest, TestEventPatternRequest } from '@aws-sdk/client-eventbridge';
import { AwsError } from './aws-error';
import { jsonObjectFrom, matchesPattern, patternFrom } from './event-pattern';
import type { EventBusModel } from './events';
import type { IamModel } from './iam';
import { operation, type ServiceApi } from './operation';

/** What functions call of EventBridge, and what tells whether a pattern matches as it does. */
// eslint-disable-next-line max-lines-per-function -- a table of operations, each a short function
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
      TestEventPattern: operation<TestEventPatternRequest>(
        { EventPattern: 'string!', Event: 'string!' },
        ({ EventPattern: pattern = '', Event: event = '' }, principal) => {
          iam.authorize({ principal, action: 'events:TestEventPattern', resource: model.arnOf('*') });
          const parsedEvent = jsonObjectFrom(event);
          if (parsedEvent === undefined) {
            throw new AwsError('ValidationException', 'Parameter Event is not valid.');
          }
          return { Result: matchesPattern(patternFrom(pattern), parsedEvent) };
        },
      ),
    },
  };
}
