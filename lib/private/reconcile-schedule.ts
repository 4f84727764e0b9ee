import { Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';

/** Invokes the rotate function with `{}`, which reconciles all applications. */
export class ReconcileSchedule extends Construct {
  public readonly schedule: scheduler.Schedule;

  constructor(scope: Construct, id: string, rotate: lambda.IFunction, expression?: scheduler.ScheduleExpression) {
    super(scope, id);

    // The target would create a role that may also invoke every version and alias of the function.
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            // EventBridge Scheduler sends the ARN of the group, not that of the schedule.
            'aws:SourceArn': Stack.of(this).formatArn({
              service: 'scheduler',
              resource: 'schedule-group',
              resourceName: 'default',
            }),
          },
        },
      }),
    });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [rotate.functionArn] }));

    this.schedule = new scheduler.Schedule(this, 'Schedule', {
      description: 'Checks every SP-API application and rotates the client secrets that are due',
      schedule: expression ?? scheduler.ScheduleExpression.rate(Duration.hours(1)),
      target: new targets.LambdaInvoke(rotate, {
        role: role.withoutPolicyUpdates(),
        input: scheduler.ScheduleTargetInput.fromObject({}),
        // The next run does everything that this one would have done, so an old event has no use.
        retryAttempts: 2,
        maxEventAge: Duration.minutes(15),
      }),
    });
    this.schedule.node.addDependency(role);
  }
}
