import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HubFunction, type HubFunctionOptions, type HubResources } from './hub-function';

/** Looks at each application's state and does the one next thing. May look at the queue, not into it. */
export class RotateFunction extends HubFunction {
  constructor(scope: Construct, id: string, resources: HubResources, options: HubFunctionOptions) {
    super(scope, id, {
      bundle: 'rotate',
      description: 'Renews client secrets of SP-API applications: looks at the state of each and does what is next',
      timeout: Duration.minutes(15),
      // The schedule is the retry: a repeated request to rotate is the one thing that must not happen by itself.
      retryAttempts: 0,
      resources,
      options,
    });
    this.allow(['sqs:GetQueueAttributes'], resources.queues.notification.queueArn);
  }
}
