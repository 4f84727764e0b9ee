import type { ResourceType } from './resource-type';

export const ALARM: ResourceType = {
  replacedBy: ['AlarmName'],
  put({ properties, name }, stack) {
    const all = properties.all() as {
      readonly AlarmDescription?: string;
      readonly ActionsEnabled?: boolean;
      readonly AlarmActions?: string[];
      readonly OKActions?: string[];
      readonly InsufficientDataActions?: string[];
    };
    const ref = name('AlarmName', 255);
    const arn = stack.arn('cloudwatch', `alarm:${ref}`);
    stack.services.alarms.put({
      name: ref,
      arn,
      description: all.AlarmDescription,
      actionsEnabled: all.ActionsEnabled ?? true,
      actions: {
        ALARM: all.AlarmActions ?? [],
        OK: all.OKActions ?? [],
        INSUFFICIENT_DATA: all.InsufficientDataActions ?? [],
      },
    });
    return { ref, attributes: { Arn: arn } };
  },
  remove({ ref }, stack) {
    stack.services.alarms.delete(ref);
  },
};
