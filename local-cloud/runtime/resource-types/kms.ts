import { documentOf } from './iam';
import type { ResourceType } from './resource-type';

export const KEY: ResourceType = {
  put({ properties, existing, name }, stack) {
    // As unique as a name made by CloudFormation, in the form of a key's id.
    const id =
      existing?.ref ??
      name('')
        .slice(-12)
        .toLowerCase()
        .replace(/^(.{4})(.{4})(.{4})$/, '00000000-0000-4$1-8$2-00000000$3');
    const arn = stack.arn('kms', `key/${id}`);
    properties.ignore('Description', 'EnableKeyRotation', 'RotationPeriodInDays', 'PendingWindowInDays');
    properties.choice('KeySpec', ['SYMMETRIC_DEFAULT']);
    properties.choice('KeyUsage', ['ENCRYPT_DECRYPT']);
    stack.services.iam.addKeyPolicy(arn, documentOf(properties, 'KeyPolicy'));
    return { ref: id, attributes: { Arn: arn, KeyId: id } };
  },
  remove({ attributes }, stack) {
    // Scheduled for deletion: nobody can use it any more.
    stack.services.iam.addKeyPolicy(attributes.Arn ?? '', { Statement: [] });
  },
};

export const ALIAS: ResourceType = {
  replacedBy: ['AliasName'],
  put({ properties }) {
    properties.ignore('TargetKeyId');
    return { ref: properties.text('AliasName'), attributes: {} };
  },
};
