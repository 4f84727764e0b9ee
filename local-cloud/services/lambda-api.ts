import { AwsError, NotEmulated } from './aws-error';
import type { HttpApi, HttpApiAnswer } from './http-api';
import type { IamModel, Principal } from './iam';
import type { RunningFunction, RunningMapping, RunningStack } from './running-stack';

/** What a call is about. */
interface Call {
  readonly stacks: ReadonlySet<RunningStack>;
  /** What stands in the path: a function, or the id of a mapping. */
  readonly named: string;
  readonly query: URLSearchParams;
  readonly body: string;
  /** Without a resource: for an operation that takes none. */
  readonly authorize: (action: string, resource?: string) => void;
}

type Answer = Pick<HttpApiAnswer, 'body' | 'headers' | 'status'>;

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

const FUNCTION = '/2015-03-31/functions/([^/]+)';

const ROUTES: readonly Route[] = [
  route('Invoke', 'POST', `${FUNCTION}/invocations`, invoke),
  route('GetFunctionConfiguration', 'GET', `${FUNCTION}/configuration`, (call) => {
    const { name, arn, configuration } = authorized(call, 'lambda:GetFunctionConfiguration').target;
    return json({
      FunctionName: name,
      FunctionArn: arn,
      Environment: { Variables: configuration.environment },
      LoggingConfig: { LogGroup: configuration.logGroupName },
    });
  }),
  route('GetFunctionConcurrency', 'GET', '/2019-09-30/functions/([^/]+)/concurrency', (call) =>
    json({
      ReservedConcurrentExecutions: authorized(call, 'lambda:GetFunctionConcurrency').target.reservedConcurrency,
    }),
  ),
  route('DeleteFunctionConcurrency', 'DELETE', '/2017-10-31/functions/([^/]+)/concurrency', (call) => {
    authorized(call, 'lambda:DeleteFunctionConcurrency').target.reservedConcurrency = undefined;
    return { body: '', status: 204 };
  }),
  route('GetAccountSettings', 'GET', '/2016-08-19/account-settings()/?', ({ authorize }) => {
    authorize('lambda:GetAccountSettings');
    return json({ AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 } });
  }),
  route('ListEventSourceMappings', 'GET', '/2015-03-31/event-source-mappings()/?', ({ stacks, query, authorize }) => {
    authorize('lambda:ListEventSourceMappings');
    const { target } = functionIn(stacks, query.get('FunctionName') ?? '');
    return json({
      EventSourceMappings: mappingsOf(stacks)
        .filter(({ settings }) => settings.target.arn === target.arn)
        .map(described),
    });
  }),
  route('UpdateEventSourceMapping', 'PUT', '/2015-03-31/event-source-mappings/([^/]+)', (call) => {
    const mapping = mappingsOf(call.stacks).find(({ id }) => id === call.named);
    if (mapping === undefined) {
      throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
    }
    const [, , , region = '', account = ''] = mapping.settings.target.arn.split(':');
    const arn = `arn:aws:lambda:${region}:${account}:event-source-mapping:${mapping.id}`;
    call.authorize('lambda:UpdateEventSourceMapping', arn);
    const { Enabled: enabled, ...others } = JSON.parse(call.body) as { Enabled?: boolean };
    if (Object.keys(others).length > 0) {
      throw new NotEmulated(`${Object.keys(others).join(', ')} in lambda:UpdateEventSourceMapping`);
    }
    mapping.enabled = enabled ?? mapping.enabled;
    return { ...json(described(mapping)), status: 202 };
  }),
];

/** Lambda, as far as people's tools ask it about the functions of a stack, invoke them, or start them again. */
export function lambdaApi(stacks: ReadonlySet<RunningStack>, authorize: IamModel['authorize']): HttpApi {
  return {
    name: 'lambda',
    handle: async ({ method, path, body }, principal: Principal) => {
      const [pathname = '', query] = path.split('?');
      for (const { operation, handle, ...one } of ROUTES) {
        const [, named] = one.path.exec(pathname) ?? [];
        if (named !== undefined && method === one.method) {
          const answer = await handle({
            stacks,
            named: decodeURIComponent(named),
            query: new URLSearchParams(query),
            body,
            authorize: (action, resource = `arn:aws:lambda::${principal.account}:*`) => {
              authorize({ principal, action, resource });
            },
          });
          return { operation, contentType: 'application/json', ...answer };
        }
      }
      throw new NotEmulated(`${method} ${path} of Lambda`);
    },
    renderError: (error) => ({
      contentType: 'application/json',
      headers: { 'x-amzn-errortype': error.code },
      body: JSON.stringify({ Type: 'User', Message: error.message }),
    }),
  };
}

function route(operation: string, method: string, path: string, handle: Route['handle']): Route {
  return { operation, method, path: new RegExp(`^${path}$`), handle };
}

function json(value: unknown): { readonly body: string } {
  return { body: JSON.stringify(value) };
}

interface Authorized {
  readonly stack: RunningStack;
  readonly target: RunningFunction;
  /** The alias through which the function is called. */
  readonly qualifier: string | undefined;
}

/** The function that the call names, if the caller may do this to it. */
function authorized({ stacks, named, query, authorize }: Call, action: string): Authorized {
  // An alias can also stand at the end of the name or of the ARN.
  const [, reference = '', inName] = /^((?:arn:.*:function:)?[^:]+)(?::([^:]+))?$/.exec(named) ?? [];
  const qualifier = query.get('Qualifier') ?? inName;
  const { stack, target } = functionIn(stacks, reference);
  authorize(action, qualifier === undefined ? target.arn : `${target.arn}:${qualifier}`);
  const isThere = [...stack.aliases.values()].some(
    ({ functionArn, name }) => functionArn === target.arn && name === qualifier,
  );
  if (qualifier !== undefined && !isThere) {
    throw new AwsError('ResourceNotFoundException', `Function not found: ${target.arn}:${qualifier}`, 404);
  }
  return { stack, target, qualifier };
}

function functionIn(
  stacks: ReadonlySet<RunningStack>,
  reference: string,
): { stack: RunningStack; target: RunningFunction } {
  for (const stack of stacks) {
    for (const target of stack.functions.values()) {
      if (reference === target.name || reference === target.arn) {
        return { stack, target };
      }
    }
  }
  throw new AwsError('ResourceNotFoundException', `Function not found: ${reference}`, 404);
}

function mappingsOf(stacks: ReadonlySet<RunningStack>): RunningMapping[] {
  return [...stacks].flatMap(({ mappings }) => [...mappings.values()]);
}

function described({ id, settings, enabled }: RunningMapping): object {
  return {
    UUID: id,
    BatchSize: settings.batchSize,
    EventSourceArn: settings.queueArn,
    FunctionArn: settings.target.arn,
    State: enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
  };
}

async function invoke(call: Call): Promise<Answer> {
  const { stack, target, qualifier } = authorized(call, 'lambda:InvokeFunction');
  if (target.reservedConcurrency === 0) {
    throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  }
  const payload: unknown = JSON.parse(call.body === '' ? '{}' : call.body);
  const { functionError, rawPayload } = await stack.invoke(
    target.arn,
    payload,
    qualifier === undefined ? {} : { qualifier },
  );
  return {
    body: rawPayload,
    ...(functionError !== undefined && { headers: { 'x-amz-function-error': functionError } }),
  };
}
