import type { ResourceType } from './resource-type';

/** What does nothing here but can be looked at: tests read its resolved properties. */
function recorded(
  nameProperty: string | undefined,
  arnOf?: (name: string) => { service: string; resource: string },
): ResourceType {
  return {
    ...(nameProperty !== undefined && { replacedBy: [nameProperty] }),
    put({ logicalId, properties, name }, stack) {
      properties.all();
      const ref = nameProperty === undefined ? logicalId : name(nameProperty, 255);
      const arn = arnOf?.(ref);
      const attributes: Record<string, string> = {};
      if (arn !== undefined) {
        attributes.Arn = stack.arn(arn.service, arn.resource);
      }
      return { ref, attributes };
    },
  };
}

const alarm = (name: string): { service: string; resource: string } => ({
  service: 'cloudwatch',
  resource: `alarm:${name}`,
});

export const LOG_GROUP = recorded('LogGroupName', (name) => ({ service: 'logs', resource: `log-group:${name}:*` }));
export const COMPOSITE_ALARM = recorded('AlarmName', alarm);
export const DASHBOARD = recorded('DashboardName');
export const TOPIC_POLICY = recorded(undefined);
export const CDK_METADATA = recorded(undefined);
