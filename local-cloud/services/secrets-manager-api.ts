import type {
  BatchGetSecretValueRequest,
  CreateSecretRequest,
  DeleteResourcePolicyRequest,
  DeleteSecretRequest,
  DescribeSecretRequest,
  GetResourcePolicyRequest,
  GetSecretValueRequest,
  ListSecretVersionIdsRequest,
  PutResourcePolicyRequest,
  PutSecretValueRequest,
  ReplicateSecretToRegionsRequest,
  RestoreSecretRequest,
  UpdateSecretRequest,
  UpdateSecretVersionStageRequest,
} from '@aws-sdk/client-secrets-manager';
import { AwsError } from './aws-error';
import type { IamModel, Principal } from './iam';
import { operation, type ServiceApi } from './operation';
import { refuseUnknownPolicy, type PolicyDocument } from './policy';
import type { SecretsManagerModel } from './secrets-manager';

/** Secrets Manager's operations: each authorized on the secret, and on its key where the real one needs the key. */
// eslint-disable-next-line max-lines-per-function -- a table of operations, each a short function
export function secretsManagerApi(model: SecretsManagerModel, iam: IamModel, region: string): ServiceApi {
  const viaService = `secretsmanager.${region}.amazonaws.com`;

  const authorize = (
    principal: Principal,
    action: string,
    secretId: string,
    versionStages: readonly string[] = [],
  ): void => {
    const found = model.lookUp(secretId);
    const resource = found?.arn ?? model.arnOf(secretId);
    iam.authorize({
      principal,
      action: `secretsmanager:${action}`,
      resource,
      resourcePolicy: found?.policy === undefined ? undefined : (JSON.parse(found.policy) as PolicyDocument),
      context: {
        'secretsmanager:SecretId': resource,
        ...(versionStages.length === 0 ? {} : { 'secretsmanager:VersionStage': versionStages }),
      },
    });
  };

  const authorizeKey = (principal: Principal, action: string, key: string, secretId: string): void => {
    const SecretARN = model.lookUp(secretId)?.arn ?? model.arnOf(secretId);
    iam.authorizeKey(principal, action, key, viaService, { SecretARN });
  };

  const authorizeWriting = (principal: Principal, key: string, secretId: string): void => {
    authorizeKey(principal, 'kms:GenerateDataKey', key, secretId);
    authorizeKey(principal, 'kms:Decrypt', key, secretId);
  };

  return {
    name: 'secretsmanager',
    target: 'secretsmanager',
    contentType: 'application/x-amz-json-1.1',
    errorNamespace: '',
    errorMember: 'Message',
    throttled: new AwsError('ThrottlingException', 'Rate exceeded'),
    operations: {
      CreateSecret: operation<CreateSecretRequest>(
        {
          Name: 'string!',
          ClientRequestToken: 'string',
          Description: 'string',
          KmsKeyId: 'string',
          SecretString: 'string',
          SecretBinary: 'blob',
          Tags: { list: { Key: 'string!', Value: 'string' } },
        },
        (request, principal) => {
          authorize(principal, 'CreateSecret', request.Name ?? '');
          authorizeWriting(principal, request.KmsKeyId ?? '', request.Name ?? '');
          refuseMissingToken(request);
          return model.createSecret(request);
        },
      ),
      DescribeSecret: operation<DescribeSecretRequest>({ SecretId: 'string!' }, (request, principal) => {
        authorize(principal, 'DescribeSecret', request.SecretId ?? '');
        return model.describeSecret(request);
      }),
      GetSecretValue: operation<GetSecretValueRequest>(
        { SecretId: 'string!', VersionId: 'string', VersionStage: 'string' },
        (request, principal) => {
          const stage = request.VersionStage ?? (request.VersionId === undefined ? 'AWSCURRENT' : undefined);
          authorize(principal, 'GetSecretValue', request.SecretId ?? '', stage === undefined ? [] : [stage]);
          authorizeKey(principal, 'kms:Decrypt', model.keyOfVersion(request) ?? '', request.SecretId ?? '');
          return model.getSecretValue(request);
        },
      ),
      BatchGetSecretValue: operation<BatchGetSecretValueRequest>({ SecretIdList: 'strings' }, (request, principal) => {
        // A policy that names secrets does not allow it: it is about none of them.
        const resource = model.arnOf('').replace('secret:', '');
        iam.authorize({ principal, action: 'secretsmanager:BatchGetSecretValue', resource });
        return model.batchGetSecretValue(request, (SecretId) => {
          authorize(principal, 'GetSecretValue', SecretId, ['AWSCURRENT']);
          authorizeKey(principal, 'kms:Decrypt', model.keyOfVersion({ SecretId }) ?? '', SecretId);
        });
      }),
      PutSecretValue: operation<PutSecretValueRequest>(
        {
          SecretId: 'string!',
          ClientRequestToken: 'string',
          SecretString: 'string',
          SecretBinary: 'blob',
          VersionStages: 'strings',
        },
        (request, principal) => {
          authorize(principal, 'PutSecretValue', request.SecretId ?? '', request.VersionStages ?? []);
          authorizeWriting(principal, model.lookUp(request.SecretId ?? '')?.key ?? '', request.SecretId ?? '');
          refuseMissingToken(request);
          return model.putSecretValue(request);
        },
      ),
      UpdateSecret: operation<UpdateSecretRequest>(
        {
          SecretId: 'string!',
          ClientRequestToken: 'string',
          Description: 'string',
          KmsKeyId: 'string',
          SecretString: 'string',
          SecretBinary: 'blob',
        },
        (request, principal) => {
          authorize(principal, 'UpdateSecret', request.SecretId ?? '');
          const secretId = request.SecretId ?? '';
          authorizeWriting(principal, request.KmsKeyId ?? '', secretId);
          authorizeKey(principal, 'kms:Decrypt', model.lookUp(secretId)?.key ?? '', secretId);
          refuseMissingToken(request);
          return model.updateSecret(request);
        },
      ),
      UpdateSecretVersionStage: operation<UpdateSecretVersionStageRequest>(
        { SecretId: 'string!', VersionStage: 'string!', MoveToVersionId: 'string', RemoveFromVersionId: 'string' },
        (request, principal) => {
          const stages = request.VersionStage === undefined ? [] : [request.VersionStage];
          authorize(principal, 'UpdateSecretVersionStage', request.SecretId ?? '', stages);
          return model.updateSecretVersionStage(request);
        },
      ),
      ListSecretVersionIds: operation<ListSecretVersionIdsRequest>(
        { SecretId: 'string!', IncludeDeprecated: 'boolean', MaxResults: 'number', NextToken: 'string' },
        (request, principal) => {
          authorize(principal, 'ListSecretVersionIds', request.SecretId ?? '');
          return model.listSecretVersionIds(request);
        },
      ),
      DeleteSecret: operation<DeleteSecretRequest>(
        { SecretId: 'string!', RecoveryWindowInDays: 'number', ForceDeleteWithoutRecovery: 'boolean' },
        (request, principal) => {
          authorize(principal, 'DeleteSecret', request.SecretId ?? '');
          return model.deleteSecret(request);
        },
      ),
      RestoreSecret: operation<RestoreSecretRequest>({ SecretId: 'string!' }, (request, principal) => {
        authorize(principal, 'RestoreSecret', request.SecretId ?? '');
        return model.restoreSecret(request);
      }),
      ReplicateSecretToRegions: operation<ReplicateSecretToRegionsRequest>(
        {
          SecretId: 'string!',
          AddReplicaRegions: { list: { Region: 'string!', KmsKeyId: 'string' } },
          ForceOverwriteReplicaSecret: 'boolean',
        },
        ({ SecretId: secretId = '', AddReplicaRegions: added = [] }, principal) => {
          authorize(principal, 'ReplicateSecretToRegions', secretId);
          return model.replicate(secretId, added);
        },
      ),
      PutResourcePolicy: operation<PutResourcePolicyRequest>(
        { SecretId: 'string!', ResourcePolicy: 'string!', BlockPublicPolicy: 'boolean' },
        (request, principal) => {
          authorize(principal, 'PutResourcePolicy', request.SecretId ?? '');
          refuseUnknownPolicy(JSON.parse(request.ResourcePolicy ?? '{}') as PolicyDocument, 'resource');
          return model.putResourcePolicy(request);
        },
      ),
      GetResourcePolicy: operation<GetResourcePolicyRequest>({ SecretId: 'string!' }, (request, principal) => {
        authorize(principal, 'GetResourcePolicy', request.SecretId ?? '');
        return model.getResourcePolicy(request);
      }),
      DeleteResourcePolicy: operation<DeleteResourcePolicyRequest>({ SecretId: 'string!' }, (request, principal) => {
        authorize(principal, 'DeleteResourcePolicy', request.SecretId ?? '');
        return model.deleteResourcePolicy(request);
      }),
    },
  };
}

/** SDKs make one up. Only a request that somebody writes by hand can be without. */
function refuseMissingToken({ ClientRequestToken: token }: Pick<PutSecretValueRequest, 'ClientRequestToken'>): void {
  if (token === undefined) {
    throw new AwsError(
      'InvalidRequestException',
      'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
    );
  }
}
