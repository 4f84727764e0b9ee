import type { EventTarget } from '../../services/events';
import type { Properties } from '../properties';
import type { ResourceType } from './resource-type';

export const EVENT_BUS: ResourceType = {
  replacedBy: ['Name'],
  put({ properties, existing, name }, stack) {
    const busName = name('Name');
    properties.ignore('Description');
    const arn = existing?.attributes.Arn ?? stack.services.events.createBus(busName);
    return { ref: busName, attributes: { Arn: arn, Name: busName } };
  },
};

export const RULE: ResourceType = {
  replacedBy: ['Name', 'EventBusName'],
  put({ logicalId, properties, name }, stack) {
    const ruleName = name('Name');
    const busArn = stack.services.events.arnOf(properties.optionalText('EventBusName'));
    const busName = busArn.slice(busArn.indexOf('/') + 1);
    const arn = stack.arn('events', busName === 'default' ? `rule/${ruleName}` : `rule/${busName}/${ruleName}`);
    properties.ignore('Description');
    stack.rules.set(logicalId, {
      name: ruleName,
      arn,
      busArn,
      enabled: (properties.choice('State', ['ENABLED', 'DISABLED']) ?? 'ENABLED') === 'ENABLED',
      pattern: patternOf(properties),
      targets: properties.objects('Targets').map(target),
    });
    return { ref: busName === 'default' ? ruleName : `${busName}|${ruleName}`, attributes: { Arn: arn } };
  },
  remove({ logicalId, isReplaced, attributes }, stack) {
    if (!isReplaced) {
      stack.rules.delete(logicalId);
    }
    // arn:…:rule/name on the default bus, arn:…:rule/bus/name on another.
    const [, ...path] = (attributes.Arn ?? '').split('/');
    const busArn = stack.services.events.arnOf(path.length === 1 ? undefined : path[0]);
    stack.services.events.putRule({ name: path.at(-1) ?? '', busArn, pattern: {}, targets: [] });
  },
};

export const SCHEDULE: ResourceType = {
  replacedBy: ['Name'],
  put({ logicalId, properties, name }, stack) {
    const scheduleName = name('Name');
    const group = properties.optionalText('GroupName') ?? 'default';
    const arn = stack.arn('scheduler', `schedule/${group}/${scheduleName}`);
    const groupArn = stack.arn('scheduler', `schedule-group/${group}`);
    // `fireSchedule` decides when it fires. Scheduler's retries concern only its own calls.
    properties.ignore('Description', 'FlexibleTimeWindow', 'ScheduleExpressionTimezone', 'StartDate', 'EndDate');
    const to = properties.object('Target');
    if (to === undefined) {
      throw new Error(`${logicalId} has no target`);
    }
    to.ignore('RetryPolicy');
    const roleArn = to.text('RoleArn');
    stack.roles.requireTrust(stack.roles.byArn(roleArn), 'scheduler.amazonaws.com', {
      'aws:SourceAccount': stack.identity.account,
      'aws:SourceArn': groupArn,
    });
    stack.schedules.set(logicalId, {
      logicalId,
      name: scheduleName,
      arn,
      groupArn,
      enabled: (properties.choice('State', ['ENABLED', 'DISABLED']) ?? 'ENABLED') === 'ENABLED',
      expression: properties.text('ScheduleExpression'),
      targetArn: to.text('Arn'),
      roleArn,
      // What Scheduler sends without one is not documented.
      input: to.text('Input'),
    });
    return { ref: scheduleName, attributes: { Arn: arn } };
  },
  remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      stack.schedules.delete(logicalId);
    }
  },
};

function patternOf(properties: Properties): Readonly<Record<string, unknown>> {
  const pattern = properties.object('EventPattern');
  if (pattern === undefined) {
    throw new Error('the local cloud knows only rules with an EventPattern');
  }
  return pattern.all();
}

function target(properties: Properties): EventTarget {
  const transformer = properties.object('InputTransformer');
  const input = properties.optionalText('Input');
  const inputPath = properties.optionalText('InputPath');
  // These say what EventBridge does if it cannot reach a target. Here it always can.
  properties.ignore('Id', 'RetryPolicy', 'DeadLetterConfig');
  return {
    arn: properties.text('Arn'),
    ...(input !== undefined && { input }),
    ...(inputPath !== undefined && { inputPath }),
    ...(transformer !== undefined && {
      inputTransformer: {
        inputPathsMap: transformer.map('InputPathsMap'),
        inputTemplate: transformer.text('InputTemplate'),
      },
    }),
  };
}
