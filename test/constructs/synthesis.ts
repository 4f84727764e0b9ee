import { Annotations as Warnings, App, Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { SpApiSecretRotation, type SpApiSecretRotationProps } from '../../lib';

export const ALARMS_NOTIFY_NOBODY = 'cdk-sp-api-secret-rotation:SpApiSecretRotation.alarmsNotifyNobody';

/** The constructs under test, in a stack of their own. */
export class Subject {
  public readonly app: App;
  public readonly stack: Stack;
  public readonly hub: SpApiSecretRotation;
  private synthesized?: Template;

  constructor(
    props: SpApiSecretRotationProps | ((stack: Stack) => SpApiSecretRotationProps) = {},
    options: { context?: Record<string, unknown>; stack?: StackProps; onCall?: boolean } = {},
  ) {
    this.app = new App({ context: options.context, treeMetadata: false });
    this.stack = new Stack(this.app, 'Stack', options.stack);
    this.hub = new SpApiSecretRotation(this.stack, 'Hub', typeof props === 'function' ? props(this.stack) : props);
    if (options.onCall !== true) {
      Warnings.of(this.hub).acknowledgeWarning(ALARMS_NOTIFY_NOBODY, 'nobody is on call for a test');
    }
  }

  /** Nothing can be added once it was asked for. */
  public get template(): Template {
    this.synthesized ??= Template.fromStack(this.stack);
    return this.synthesized;
  }

  /** Ids of all warnings, each once. */
  public warnings(): string[] {
    const ids = this.messages('warning').map((message) => /\[ack: ([^\]]+)\]$/.exec(message)?.[1] ?? message);
    return [...new Set(ids)].sort();
  }

  public warning(id: string): string {
    const found = this.messages('warning').find((message) => message.endsWith(`[ack: ${id}]`));
    if (found === undefined) {
      throw new Error(`no warning ${id}; there are: ${this.warnings().join(', ')}`);
    }
    return found;
  }

  public errors(): string[] {
    return this.messages('error');
  }

  private messages(level: 'warning' | 'error'): string[] {
    const annotations = Annotations.fromStack(this.stack);
    const found =
      level === 'warning'
        ? annotations.findWarning('*', Match.anyValue())
        : annotations.findError('*', Match.anyValue());
    return found.map((message) => message.entry.data as string);
  }
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string[];
  readonly Resource: unknown[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export function resourcesOf(template: Template): Record<string, Resource> {
  return (template.toJSON() as { Resources: Record<string, Resource> }).Resources;
}

/** The one resource whose logical id begins like this and is of this type. */
export function resource(template: Template, type: string, idPrefix: string): Resource {
  const found = Object.entries(resourcesOf(template)).filter(
    ([id, { Type }]) => Type === type && new RegExp(`^${idPrefix}[0-9A-F]{8}$`).test(id),
  );
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    throw new Error(`${found.length} resources of type ${type} begin with ${idPrefix}`);
  }
  return only[1];
}

/** The one resource of this type. */
export function onlyResource(template: Template, type: string): Resource {
  const [only, ...others] = Object.values(resourcesOf(template)).filter(({ Type }) => Type === type);
  if (only === undefined || others.length > 0) {
    throw new Error(`not exactly one resource of type ${type}`);
  }
  return only;
}

/** Expects a reference to a resource by the beginning of its logical id. */
export function reference(idPrefix: string): unknown {
  return { Ref: expect.stringMatching(new RegExp(`^${idPrefix}[0-9A-F]{8}$`)) as unknown };
}

/** Expects the ARN of a resource by the beginning of its logical id. */
export function arnOf(idPrefix: string): unknown {
  return { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${idPrefix}[0-9A-F]{8}$`)) as unknown, 'Arn'] };
}

/** Everything a role may do: inline policies, and managed ones attached to it. */
export function statementsOfRole(template: Template, roleIdPrefix: string): Statement[] {
  return Object.values(resourcesOf(template))
    .filter(({ Type }) => Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(`"${roleIdPrefix}`))
    .flatMap(({ Properties }) => statementsOf(Properties.PolicyDocument));
}

export function statementsOf(document: unknown): Statement[] {
  const { Statement: statements } = document as { Statement: Record<string, unknown>[] };
  return statements.map(
    (statement) =>
      ({
        ...statement,
        Action: asList(statement.Action).sort(),
        Resource: asList(statement.Resource),
      }) as unknown as Statement,
  );
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
