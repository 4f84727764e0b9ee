import { AwsError } from './aws-error';
import { filterPattern } from './filter-pattern';
import type { IamModel } from './iam';
import { operation, type ServiceApi } from './operation';
import type { RunningFunction, RunningStack } from './running-stack';

const PAGE = 10_000;

interface FilterLogEventsRequest {
  readonly logGroupName?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly filterPattern?: string;
  readonly limit?: number;
  readonly nextToken?: string;
}

/** CloudWatch Logs: what functions printed, for people who look for it. */
export function logsApi(
  stacks: ReadonlySet<RunningStack>,
  iam: IamModel,
  arnOf: (logGroup: string) => string,
): ServiceApi {
  return {
    name: 'logs',
    target: 'Logs_20140328',
    contentType: 'application/x-amz-json-1.1',
    errorNamespace: '',
    throttled: new AwsError('ThrottlingException', 'Rate exceeded'),
    operations: {
      FilterLogEvents: operation<FilterLogEventsRequest>(
        {
          logGroupName: 'string!',
          startTime: 'number',
          endTime: 'number',
          filterPattern: 'string',
          limit: 'number',
          nextToken: 'string',
        },
        (request, principal) => {
          const { logGroupName: group = '', limit = PAGE, nextToken = '0' } = request;
          iam.authorize({ principal, action: 'logs:FilterLogEvents', resource: arnOf(group) });
          const functions = [...stacks].flatMap((stack) => [...stack.functions.values()]);
          const found = functions.filter(({ configuration }) => configuration.logGroupName === group);
          if (found.length === 0) {
            throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
          }
          const events = eventsOf(found, request);
          const start = Number(nextToken);
          const end = start + limit;
          const rest = events.length > end && { nextToken: String(end) };
          return { events: events.slice(start, end), searchedLogStreams: [], ...rest };
        },
      ),
    },
  };
}

function eventsOf(functions: readonly RunningFunction[], request: FilterLogEventsRequest): object[] {
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY, filterPattern: pattern = '' } = request;
  const matches = filterPattern(pattern);
  return functions
    .flatMap(({ logs }) => logs)
    .filter(({ at, text }) => at >= startTime && at <= endTime && matches(text))
    .sort((one, other) => one.at - other.at)
    .map(({ at, text, environment }, index) => ({
      logStreamName: environment,
      timestamp: at,
      message: text,
      ingestionTime: at,
      eventId: String(index),
    }));
}
