import type {
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  Parameter,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm';
import { AwsError, NotEmulated } from './aws-error';
import type { Clock } from './clock';

const MAX_STANDARD_VALUE = 4096;
const MAX_PAGE = 10;

export interface ParameterModelOptions {
  readonly clock: Clock;
  readonly region?: string;
  readonly account?: string;
}

/** Parameter Store: standard parameters of type String. Pure. */
export class ParameterModel {
  /**
   * How many parameters a page of GetParametersByPath holds when the request does not say.
   *
   * AWS returns at most 10. A page need not be full, and a page with a NextToken can even be empty.
   */
  pageSize = MAX_PAGE;

  private readonly parameters = new Map<string, Parameter>();

  constructor(private readonly options: ParameterModelOptions) {}

  putParameter(request: PutParameterRequest): PutParameterResult {
    const { Name: name = '', Value: value = '' } = request;
    refuseInvalid(name, value, request.Type);
    const existing = this.parameters.get(name);
    if (existing !== undefined && request.Overwrite !== true) {
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const version = (existing?.Version ?? 0) + 1;
    this.parameters.set(name, {
      Name: name,
      Type: 'String',
      Value: value,
      Version: version,
      LastModifiedDate: new Date(this.options.clock.now()),
      ARN: this.arnOf(name),
      DataType: 'text',
    });
    return { Version: version, Tier: 'Standard' };
  }

  deleteParameter(name: string): void {
    if (!this.parameters.delete(name)) {
      throw new AwsError('ParameterNotFound', '');
    }
  }

  getParameter(request: GetParameterRequest): GetParameterResult {
    const parameter = this.parameters.get(request.Name ?? '');
    if (parameter === undefined) {
      throw new AwsError('ParameterNotFound', '');
    }
    return { Parameter: parameter };
  }

  getParametersByPath(request: GetParametersByPathRequest): GetParametersByPathResult {
    if (request.ParameterFilters !== undefined && request.ParameterFilters.length > 0) {
      throw new NotEmulated('ParameterFilters of GetParametersByPath');
    }
    const path = request.Path ?? '';
    if (!path.startsWith('/')) {
      throw new AwsError('ValidationException', `The parameter doesn't meet the parameter name requirements: ${path}`);
    }
    const size = request.MaxResults ?? this.pageSize;
    if (size < 1 || size > MAX_PAGE) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to ${MAX_PAGE}`,
      );
    }
    const below = path.endsWith('/') ? path : `${path}/`;
    const found = [...this.parameters.values()].filter(({ Name: name = '' }) => {
      const rest = name.startsWith(below) ? name.slice(below.length) : undefined;
      return rest !== undefined && (request.Recursive === true || !rest.includes('/'));
    });
    const start = this.offsetOf(request.NextToken, found.length);
    return {
      Parameters: found.slice(start, start + size),
      ...(start + size < found.length ? { NextToken: `after-${start + size}` } : {}),
    };
  }

  arnOf(name: string): string {
    const { region = 'us-east-1', account = '123456789012' } = this.options;
    return `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
  }

  private offsetOf(token: string | undefined, count: number): number {
    const offset = token === undefined ? 0 : Number(/^after-(\d+)$/.exec(token)?.[1]);
    if (!(offset <= count)) {
      throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
    }
    return offset;
  }
}

function refuseInvalid(name: string, value: string, type: string | undefined): void {
  if (!/^(\/[A-Za-z0-9_.-]+)+$|^[A-Za-z0-9_.-]+$/.test(name)) {
    throw new AwsError('ValidationException', `Parameter name must be a fully qualified name: ${name}`);
  }
  if (type !== undefined && type !== 'String') {
    throw new NotEmulated(`parameters of type ${type}`);
  }
  if (Buffer.byteLength(value) > MAX_STANDARD_VALUE) {
    throw new AwsError(
      'ValidationException',
      `Standard tier parameters support a maximum parameter value of ${MAX_STANDARD_VALUE} characters.`,
    );
  }
}
