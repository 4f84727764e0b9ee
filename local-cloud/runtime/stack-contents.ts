import { createHash } from 'node:crypto';
import type { EventRule } from '../services/events';
import type { Services } from '../services/services';
import type { AsynchronousInvocations } from './asynchronous-invocations';
import type { EventSourceMapping } from './event-source-mapping';
import type { FunctionUrl } from './function-url';
import type { FunctionSurroundings, LambdaFunction } from './lambda-function';
import { Roles } from './roles';
import type { Schedule } from './schedule';

/** The values of the pseudo parameters. */
export interface StackIdentity {
  readonly stackName: string;
  readonly stackId: string;
  readonly region: string;
  readonly account: string;
  readonly partition: string;
}

/** Another name of a function. */
export interface FunctionAlias {
  readonly name: string;
  readonly functionArn: string;
}

/** A statement of a function's resource policy. */
export interface FunctionPermission {
  readonly functionArn: string;
  readonly action: string;
  /** A service. */
  readonly principal: string;
  /** Can contain wildcards. `undefined`: any. */
  readonly sourceArn: string | undefined;
  readonly sourceAccount: string | undefined;
}

export interface Rule extends EventRule {
  readonly arn: string;
  readonly enabled: boolean;
}

export interface StackQueue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
}

export interface PublishedMessage {
  readonly topicArn: string;
  readonly message: unknown;
}

/** The running parts of a stack, by logical id. */
export class StackContents {
  readonly functions = new Map<string, LambdaFunction>();
  readonly queues = new Map<string, StackQueue>();
  readonly roles = new Roles();
  readonly aliases = new Map<string, FunctionAlias>();
  readonly permissions = new Map<string, FunctionPermission>();
  /** Function ARN → retries of asynchronous invocations. */
  readonly retryAttempts = new Map<string, number>();
  readonly mappings = new Map<string, EventSourceMapping>();
  readonly urls = new Map<string, FunctionUrl>();
  readonly rules = new Map<string, Rule>();
  readonly schedules = new Map<string, Schedule>();
  /** What rules sent to topics. */
  readonly published: PublishedMessage[] = [];
  /** Asset key → directory, of the assembly that is being deployed. */
  assets: ReadonlyMap<string, string> = new Map();

  constructor(
    readonly identity: StackIdentity,
    readonly services: Services,
    readonly surroundings: FunctionSurroundings,
    readonly invocations: AsynchronousInvocations,
  ) {}

  /** ARN of something in this account and region. */
  arn(service: string, resource: string): string {
    const { partition, region, account } = this.identity;
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }

  /** A name of the form that CloudFormation generates. Another `generation` gives another name. */
  physicalName(type: string, logicalId: string, generation: number, limit = 64): string {
    const digest = createHash('sha256').update(`${this.identity.stackId}/${logicalId}/${generation}`).digest('hex');
    const suffix = digest.slice(0, 12).toUpperCase();
    // https://docs.aws.amazon.com/secretsmanager/latest/userguide/cfn-example_secret.html
    const stackName = type === 'AWS::SecretsManager::Secret' ? '' : `${this.identity.stackName}-`;
    return `${`${stackName}${logicalId}`.slice(0, limit - suffix.length - 1)}-${suffix}`;
  }

  /** The function of that name, ARN or logical id. */
  functionOf(reference: string): LambdaFunction {
    const found =
      this.functions.get(reference) ??
      [...this.functions.values()].find(({ name, arn }) => name === reference || arn === reference);
    if (found === undefined) {
      throw new Error(`the stack has no function ${reference}`);
    }
    return found;
  }
}
