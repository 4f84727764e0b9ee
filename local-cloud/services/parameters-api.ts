import type { GetParameterRequest, GetParametersByPathRequest, PutParameterRequest } from '@aws-sdk/client-ssm';
import { AwsError } from './aws-error';
import type { IamModel } from './iam';
import { operation, type ServiceApi } from './operation';
import type { ParameterModel } from './parameters';

/** Parameter Store's operations; GetParametersByPath is authorized on `parameter/<path>`. */
export function parametersApi(model: ParameterModel, iam: IamModel): ServiceApi {
  return {
    name: 'ssm',
    target: 'AmazonSSM',
    contentType: 'application/x-amz-json-1.1',
    errorNamespace: '',
    throttled: new AwsError('ThrottlingException', 'Rate exceeded'),
    operations: {
      GetParametersByPath: operation<GetParametersByPathRequest>(
        {
          Path: 'string!',
          Recursive: 'boolean',
          WithDecryption: 'boolean',
          MaxResults: 'number',
          NextToken: 'string',
        },
        (request, principal) => {
          iam.authorize({ principal, action: 'ssm:GetParametersByPath', resource: model.arnOf(request.Path ?? '') });
          return model.getParametersByPath(request);
        },
      ),
      GetParameter: operation<GetParameterRequest>(
        { Name: 'string!', WithDecryption: 'boolean' },
        (request, principal) => {
          iam.authorize({ principal, action: 'ssm:GetParameter', resource: model.arnOf(request.Name ?? '') });
          return model.getParameter(request);
        },
      ),
      PutParameter: operation<PutParameterRequest>(
        { Name: 'string!', Value: 'string!', Type: 'string', Overwrite: 'boolean' },
        (request, principal) => {
          iam.authorize({ principal, action: 'ssm:PutParameter', resource: model.arnOf(request.Name ?? '') });
          return model.putParameter(request);
        },
      ),
    },
  };
}
