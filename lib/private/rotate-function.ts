import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../contract/environment';
import { OBSERVE_ALIAS } from '../contract/operators';
import { HubFunction, type HubFunctionOptions, type HubResources } from './hub-function';
import { sweepInterval } from './sweep-interval';

/** Checks each application and takes its next step. It may read the attributes of the queues, but receive no message. */
export class RotateFunction extends HubFunction {
  /** The same function, for those who may look but not rotate. */
  public readonly observe: lambda.Alias;

  constructor(
    scope: Construct,
    id: string,
    resources: HubResources,
    options: HubFunctionOptions & {
      readonly schedule?: scheduler.ScheduleExpression;
      readonly storeFunction: lambda.IFunction;
    },
  ) {
    const interval = sweepInterval(options.schedule);
    const { notification, deadLetter, unclaimed } = resources.queues;
    super(scope, id, {
      bundle: 'rotate',
      description: 'Rotates client secrets of SP-API applications: checks each application and takes its next step',
      timeout: Duration.minutes(15),
      // The next sweep is the retry. Lambda must not repeat a request that rotates.
      retryAttempts: 0,
      environment: {
        [ENVIRONMENT.deadLetterQueueUrl]: deadLetter.queueUrl,
        [ENVIRONMENT.unclaimedQueueUrl]: unclaimed.queueUrl,
        [ENVIRONMENT.storeFunctionArn]: options.storeFunction.functionArn,
        ...(interval !== undefined && { [ENVIRONMENT.sweepIntervalMinutes]: String(interval.toMinutes()) }),
      },
      resources,
      options,
    });
    this.allow(['sqs:GetQueueAttributes'], ...[notification, deadLetter, unclaimed].map(({ queueArn }) => queueArn));
    this.observe = new lambda.Alias(this, 'Observe', {
      aliasName: OBSERVE_ALIAS,
      description: 'Only answers status and check',
      version: this.function.latestVersion,
    });
  }
}
