import { createHash } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_RETRY_ATTEMPTS } from '../asynchronous-invocations';
import { EventSourceMapping } from '../event-source-mapping';
import { FunctionUrl } from '../function-url';
import { LambdaFunction, type FunctionConfiguration } from '../lambda-function';
import type { Properties } from '../properties';
import type { StackContents } from '../stack-contents';
import type { ResourceType } from './resource-type';

/** All variables of a function together, names and values. */
const ENVIRONMENT_LIMIT = 4096;

/** What Lambda sets itself. Others that begin like these are merely passed on. */
const RESERVED_VARIABLES =
  /^(_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_.*|INITIALIZATION_TYPE|LOG_GROUP_NAME|LOG_STREAM_NAME|RUNTIME_API|METADATA_.*)|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN))$/;

/** Pollers with which Lambda starts, where the mapping says nothing. */
const DEFAULT_CONCURRENCY = 5;

export const FUNCTION: ResourceType = {
  replacedBy: ['FunctionName'],
  async put({ logicalId, properties, existing, name }, stack) {
    const functionName = name('FunctionName');
    const arn = stack.arn('lambda', `function:${functionName}`);
    // The bundles are JavaScript: they run on any of these.
    properties.choice('PackageType', ['Zip']);
    properties.ignore('Architectures', 'Description');
    const configuration: FunctionConfiguration = {
      name: functionName,
      arn,
      codeDirectory: codeDirectory(logicalId, properties, stack),
      handler: properties.text('Handler'),
      runtime: runtime(properties),
      memorySize: properties.optionalNumber('MemorySize') ?? 128,
      timeoutSeconds: properties.optionalNumber('Timeout') ?? 3,
      roleArn: properties.text('Role'),
      ...logging(functionName, properties.object('LoggingConfig')),
      environment: variables(logicalId, properties),
    };
    stack.roles.requireTrust(stack.roles.byArn(configuration.roleArn), 'lambda.amazonaws.com');
    const running = existing === undefined ? undefined : stack.functions.get(logicalId);
    if (running === undefined) {
      await stack.functions.get(logicalId)?.stop();
      stack.functions.set(logicalId, new LambdaFunction(configuration, stack.surroundings));
    } else {
      await running.update(configuration);
    }
    return { ref: functionName, attributes: { Arn: arn } };
  },
  async remove({ logicalId, isReplaced }, stack) {
    // A replaced function was stopped when the new one was created.
    if (!isReplaced) {
      await stack.functions.get(logicalId)?.stop();
      stack.functions.delete(logicalId);
    }
  },
};

/** Of the version that is always the newest: others are not emulated. */
export const ALIAS: ResourceType = {
  replacedBy: ['FunctionName', 'Name'],
  put({ logicalId, properties }, stack) {
    properties.choice('FunctionVersion', ['$LATEST']);
    properties.ignore('Description');
    const name = properties.text('Name');
    const { arn: functionArn } = stack.functionOf(properties.text('FunctionName'));
    stack.aliases.set(logicalId, { name, functionArn });
    return { ref: `${functionArn}:${name}`, attributes: { AliasArn: `${functionArn}:${name}` } };
  },
  remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      stack.aliases.delete(logicalId);
    }
  },
};
type Logging = Pick<FunctionConfiguration, 'logGroupName' | 'logFormat' | 'applicationLogLevel'>;

function logging(functionName: string, properties: Properties | undefined): Logging {
  const level = properties?.optionalText('ApplicationLogLevel');
  properties?.ignore('SystemLogLevel');
  return {
    logGroupName: properties?.optionalText('LogGroup') ?? `/aws/lambda/${functionName}`,
    logFormat: properties?.choice('LogFormat', ['Text', 'JSON']) ?? 'Text',
    ...(level !== undefined && { applicationLogLevel: level }),
  };
}

export const PERMISSION: ResourceType = {
  put({ logicalId, properties }, stack) {
    stack.permissions.set(logicalId, {
      functionArn: stack.functionOf(properties.text('FunctionName')).arn,
      action: properties.text('Action'),
      principal: properties.text('Principal'),
      sourceArn: properties.optionalText('SourceArn'),
      sourceAccount: properties.optionalText('SourceAccount'),
    });
    // Both say the same here: nobody but the URL invokes with the principal `*`.
    properties.choice('FunctionUrlAuthType', ['NONE']);
    properties.optionalBoolean('InvokedViaFunctionUrl');
    return { ref: logicalId, attributes: { Id: logicalId } };
  },
  remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      stack.permissions.delete(logicalId);
    }
  },
};

/** What somebody without credentials needs on a function to call its URL. */
const URL_ACTIONS = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];

export const URL: ResourceType = {
  replacedBy: ['TargetFunctionArn'],
  async put({ logicalId, properties, existing }, stack) {
    properties.choice('AuthType', ['NONE']);
    properties.choice('InvokeMode', ['BUFFERED']);
    const target = stack.functionOf(properties.text('TargetFunctionArn'));
    const isAllowed = (action: string): boolean =>
      [...stack.permissions.values()].some(
        (one) => one.functionArn === target.arn && one.action === action && one.principal === '*',
      );
    const url = new FunctionUrl(
      (event) =>
        URL_ACTIONS.every(isAllowed) ? stack.invocations.track(target.invoke(event)) : Promise.resolve('forbidden'),
      () => stack.surroundings.clock.now(),
    );
    if (existing !== undefined) {
      return existing;
    }
    stack.urls.set(logicalId, url);
    return { ref: target.arn, attributes: { FunctionArn: target.arn, FunctionUrl: await url.listen() } };
  },
  async remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      await stack.urls.get(logicalId)?.stop();
      stack.urls.delete(logicalId);
    }
  },
};

export const EVENT_INVOKE_CONFIG: ResourceType = {
  replacedBy: ['FunctionName', 'Qualifier'],
  put({ logicalId, properties }, stack) {
    properties.choice('Qualifier', ['$LATEST']);
    // Retries follow at once here, so no event becomes too old.
    properties.ignore('MaximumEventAgeInSeconds');
    const { arn } = stack.functionOf(properties.text('FunctionName'));
    stack.retryAttempts.set(arn, properties.optionalNumber('MaximumRetryAttempts') ?? DEFAULT_RETRY_ATTEMPTS);
    return { ref: logicalId, attributes: { FunctionArn: arn } };
  },
  remove({ attributes, isReplaced }, stack) {
    if (!isReplaced && attributes.FunctionArn !== undefined) {
      stack.retryAttempts.delete(attributes.FunctionArn);
    }
  },
};

export const EVENT_SOURCE_MAPPING: ResourceType = {
  replacedBy: ['EventSourceArn'],
  async put({ logicalId, properties }, stack) {
    const queueArn = properties.text('EventSourceArn');
    const batchSize = properties.optionalNumber('BatchSize') ?? 10;
    const window = properties.optionalNumber('MaximumBatchingWindowInSeconds') ?? 0;
    if (batchSize > 10 && window < 1) {
      throw new Error(`${logicalId}: a batch of more than 10 messages needs a batching window of a second at least`);
    }
    const responseTypes = properties.texts('FunctionResponseTypes');
    const settings = {
      logicalId,
      queueArn,
      target: stack.functionOf(properties.text('FunctionName')),
      enabled: properties.optionalBoolean('Enabled') ?? true,
      batchSize,
      maximumConcurrency:
        properties.object('ScalingConfig')?.optionalNumber('MaximumConcurrency') ?? DEFAULT_CONCURRENCY,
      reportBatchItemFailures: responseTypes.includes('ReportBatchItemFailures'),
      region: stack.identity.region,
    };
    await stack.mappings.get(logicalId)?.stopPolling();
    stack.mappings.set(logicalId, new EventSourceMapping(settings, stack.services.queues, stack.roles));
    return { ref: logicalId, attributes: { Id: logicalId } };
  },
  async remove({ logicalId, isReplaced }, stack) {
    if (!isReplaced) {
      await stack.mappings.get(logicalId)?.stopPolling();
      stack.mappings.delete(logicalId);
    }
  },
};

function codeDirectory(logicalId: string, properties: Properties, stack: StackContents): string {
  const code = properties.object('Code');
  const inline = code?.optionalText('ZipFile');
  if (inline !== undefined) {
    const digest = createHash('sha256').update(inline).digest('hex').slice(0, 16);
    const directory = path.join(stack.surroundings.home, `${logicalId}-${digest}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'index.js'), inline);
    return directory;
  }
  code?.ignore('S3Bucket');
  const key = code?.optionalText('S3Key');
  const directory = key === undefined ? undefined : stack.assets.get(key);
  if (directory === undefined || !statSync(directory).isDirectory()) {
    throw new Error(`${logicalId}: the code is no directory asset of the assembly`);
  }
  return directory;
}

function runtime(properties: Properties): string {
  const name = properties.text('Runtime');
  if (!/^nodejs\d+\.x$/.test(name)) {
    throw new Error(`the local cloud does not know the runtime ${name}`);
  }
  return name;
}

function variables(logicalId: string, properties: Properties): Record<string, string> {
  const all = properties.object('Environment')?.map('Variables') ?? {};
  const reserved = Object.keys(all).filter((key) => RESERVED_VARIABLES.test(key));
  if (reserved.length > 0) {
    throw new Error(`${logicalId}: Lambda reserves these environment variables: ${reserved.join(', ')}`);
  }
  const size = Object.entries(all).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  if (size > ENVIRONMENT_LIMIT) {
    throw new Error(`${logicalId}: environment variables of ${size} bytes, Lambda takes ${ENVIRONMENT_LIMIT}`);
  }
  return all;
}
