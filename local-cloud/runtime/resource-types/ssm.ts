import type { ResourceType } from './resource-type';

export const PARAMETER: ResourceType = {
  replacedBy: ['Name'],
  put({ properties, existing, name }, stack) {
    const parameterName = name('Name', 512);
    const value = properties.text('Value');
    properties.choice('Tier', ['Standard']);
    properties.choice('DataType', ['text']);
    properties.ignore('Description', 'AllowedPattern');
    stack.services.parameters.putParameter({
      Name: parameterName,
      Value: value,
      Type: properties.choice('Type', ['String']),
      Overwrite: existing !== undefined,
    });
    return { ref: parameterName, attributes: { Type: 'String', Value: value } };
  },
  remove({ ref }, stack) {
    stack.services.parameters.deleteParameter(ref);
  },
};
