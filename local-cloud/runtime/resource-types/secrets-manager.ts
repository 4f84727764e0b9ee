import type { ResourceType } from './resource-type';

export const SECRET: ResourceType = {
  replacedBy: ['Name'],
  put({ properties, existing, name }, stack) {
    const { secretsManager } = stack.services;
    const description = properties.optionalText('Description');
    const key = properties.optionalText('KmsKeyId') ?? '';
    // CloudFormation, too, writes the template's value again whenever the resource changes.
    const value = properties.optionalText('SecretString');
    const content = {
      ...(description !== undefined && { Description: description }),
      ...(value !== undefined && { SecretString: value }),
    };
    if (existing === undefined) {
      const { ARN: arn = '' } = secretsManager.createSecret({
        Name: name('Name', 512),
        KmsKeyId: key,
        Tags: properties.objects('Tags').map((tag) => ({ Key: tag.text('Key'), Value: tag.text('Value') })),
        ...content,
      });
      return { ref: arn, attributes: { Id: arn } };
    }
    name('Name', 512);
    const isSameKey = secretsManager.lookUp(existing.ref)?.key === key;
    secretsManager.updateSecret({ SecretId: existing.ref, ...content, ...(!isSameKey && { KmsKeyId: key }) });
    return existing;
  },
  remove({ ref }, stack) {
    stack.services.secretsManager.deleteSecret({ SecretId: ref });
  },
};
