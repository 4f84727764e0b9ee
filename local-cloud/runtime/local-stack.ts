import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clock } from '../services/clock';
import type { RunningStack } from '../services/running-stack';
import type { Services } from '../services/services';
import {
  AsynchronousInvocations,
  DEFAULT_RETRY_ATTEMPTS,
  type AsynchronousInvocation,
} from './asynchronous-invocations';
import { readCloudAssembly, type AssemblyStack } from './cloud-assembly';
import { Deployment, type StackResource } from './deployment';
import { metricsOf, type PublishedMetric } from './emf-metrics';
import type { BatchResult, EventSourceMapping } from './event-source-mapping';
import type { LogLine } from './execution-environment';
import type { FunctionSurroundings, InvocationOptions, InvocationResult, LambdaFunction } from './lambda-function';
import { deliver, putRules, type ForbiddenTarget } from './rule-targets';
import { scheduledEvent, type Schedule } from './schedule';
import { StackContents, type FunctionAlias, type PublishedMessage, type StackIdentity } from './stack-contents';

/** Where a stack's template and assets come from. */
export type StackSource =
  /** A cloud assembly. The stack's name is needed only if there are several stacks in it. */
  { readonly assemblyDirectory: string; readonly stackName?: string } | AssemblyStack;

export type BringUpOptions = StackSource & {
  readonly services: Services;
  /** The clock that the services have. */
  readonly clock: Clock;
  /** Added to the environment of every function. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Absolute paths of files that every function loads (`--require`) before its own code. */
  readonly preload?: readonly string[];
  readonly confine?: FunctionSurroundings['confine'];
};

/** Creates every resource of a synthesized stack on this machine. Throws on an unknown resource type or property. */
export async function bringUp(options: BringUpOptions): Promise<LocalStack> {
  const home = await mkdtemp(path.join(tmpdir(), 'local-cloud-'));
  const stack = new LocalStack(sourceOf(options), home, options);
  try {
    await stack.deploy(sourceOf(options));
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** A stack that runs on this machine. */
export class LocalStack implements RunningStack {
  private readonly contents: StackContents;
  private readonly invocations = new AsynchronousInvocations();
  private readonly deployment: Deployment;
  private readonly home: string;
  private source: AssemblyStack;
  private forbidden: readonly ForbiddenTarget[] = [];
  private stopped = false;

  /** Use `bringUp`. */
  constructor(source: AssemblyStack, home: string, options: BringUpOptions) {
    const { services, clock, environment = {}, preload = [], confine } = options;
    const { region, account } = services;
    this.source = source;
    this.home = home;
    this.contents = new StackContents(
      {
        stackName: source.stackName,
        stackId: `arn:aws:cloudformation:${region}:${account}:stack/${source.stackName}/${randomUUID()}`,
        region,
        account,
        partition: 'aws',
      },
      services,
      { clock, region, endpoint: services.functionUrl, home, environment, preload, ...(confine && { confine }) },
      this.invocations,
    );
    this.deployment = new Deployment(this.contents);
    services.stacks.add(this);
    services.events.onTarget((targetArn, input) => {
      if (!this.stopped) {
        deliver(targetArn, input, this.contents);
      }
    });
  }

  /** By logical id, in the order of their creation. */
  get resources(): ReadonlyMap<string, StackResource> {
    return this.deployment.resources;
  }

  get outputs(): Readonly<Record<string, string>> {
    return this.deployment.outputs;
  }

  get outputDescriptions(): Readonly<Record<string, string | undefined>> {
    return Object.fromEntries(
      Object.entries(this.source.template.Outputs ?? {}).map(([key, { Description: description }]) => [
        key,
        description,
      ]),
    );
  }

  get identity(): StackIdentity {
    return this.contents.identity;
  }

  /** By logical id. */
  get functions(): ReadonlyMap<string, LambdaFunction> {
    return this.contents.functions;
  }

  get aliases(): ReadonlyMap<string, FunctionAlias> {
    return this.contents.aliases;
  }

  get mappings(): ReadonlyMap<string, EventSourceMapping> {
    return this.contents.mappings;
  }

  get schedules(): ReadonlyMap<string, Schedule> {
    return this.contents.schedules;
  }

  get alarms(): readonly StackResource[] {
    return this.find('AWS::CloudWatch::Alarm');
  }

  /** Targets that rules name and may not reach. */
  get forbiddenTargets(): readonly ForbiddenTarget[] {
    return this.forbidden;
  }

  /** Everything that the functions printed, one function after the other. */
  get logs(): readonly LogLine[] {
    return this.allFunctions().flatMap(({ logs }) => logs);
  }

  /** The metrics in the logs. */
  get metrics(): readonly PublishedMetric[] {
    return metricsOf(this.logs);
  }

  /** Connections of functions that were refused because they would have left this machine. */
  get refusedConnections(): readonly string[] {
    return this.allFunctions().flatMap(({ refusedConnections }) => refusedConnections);
  }

  /** Finished asynchronous invocations, each with its attempts. */
  get asynchronousInvocations(): readonly AsynchronousInvocation[] {
    return this.invocations.finished;
  }

  /** What rules sent to topics. */
  get published(): readonly PublishedMessage[] {
    return this.contents.published;
  }

  /** What `Ref` gives for a logical id. */
  physicalId(logicalId: string): string {
    return this.resource(logicalId).ref;
  }

  resource(logicalId: string): StackResource {
    const resource = this.resources.get(logicalId);
    if (resource === undefined) {
      throw new Error(`the stack has no resource ${logicalId}`);
    }
    return resource;
  }

  find(type: string, predicate: (resource: StackResource) => boolean = () => true): StackResource[] {
    return [...this.resources.values()].filter((resource) => resource.type === type && predicate(resource));
  }

  /** The only resource of that type. */
  one(type: string, predicate?: (resource: StackResource) => boolean): StackResource {
    const [found, ...others] = this.find(type, predicate);
    if (found === undefined || others.length > 0) {
      throw new Error(`expected one such ${type}, found ${found === undefined ? 0 : others.length + 1}`);
    }
    return found;
  }

  /** The function of that logical id, name or ARN. */
  function(reference: string): LambdaFunction {
    return this.contents.functionOf(reference);
  }

  /** Invokes a function as a person would, and waits for the answer. */
  invoke(reference: string, payload?: unknown, options: InvocationOptions = {}): Promise<InvocationResult> {
    return this.invocations.track(this.function(reference).invoke(payload, options));
  }

  /**
   * Invokes the schedule's target, as EventBridge Scheduler does, and waits for the last attempt. The logical id is
   * needed only if there are several schedules.
   */
  async fireSchedule(logicalId?: string): Promise<InvocationResult> {
    const [schedule, ...others] = [...this.schedules.values()].filter(
      (candidate) => logicalId === undefined || candidate.logicalId === logicalId,
    );
    if (schedule === undefined || others.length > 0) {
      throw new Error(
        `expected one schedule ${logicalId ?? ''}, found ${schedule === undefined ? 0 : others.length + 1}`,
      );
    }
    if (!schedule.enabled) {
      throw new Error(`the schedule ${schedule.logicalId} is disabled`);
    }
    const target = this.function(schedule.targetArn);
    const { roles, retryAttempts, surroundings } = this.contents;
    roles.requireAllowed(roles.byArn(schedule.roleArn), 'lambda:InvokeFunction', target.arn);
    const { last } = await this.invocations.invoke(
      target,
      scheduledEvent(schedule, surroundings.clock.now()),
      () => retryAttempts.get(target.arn) ?? DEFAULT_RETRY_ATTEMPTS,
    );
    return last;
  }

  /**
   * Polls a queue (logical id or ARN; default: every queue) until no message is visible. A message that failed stays
   * hidden for its visibility time-out, by the services' clock.
   */
  async drainQueue(queue?: string, options: { readonly concurrency?: number } = {}): Promise<BatchResult[]> {
    const arn = queue === undefined ? undefined : (this.contents.queues.get(queue)?.arn ?? queue);
    const mappings = [...this.contents.mappings.values()].filter(
      ({ settings }) => arn === undefined || settings.queueArn === arn,
    );
    if (mappings.length === 0) {
      throw new Error(`no event source mapping reads ${queue ?? 'any queue'}`);
    }
    const results: BatchResult[] = [];
    for (const mapping of mappings) {
      results.push(...(await this.invocations.track(mapping.drain(options.concurrency))));
    }
    return results;
  }

  /** Polls every queue until `stopPolling`, as Lambda does. */
  startPolling(onResults: (results: readonly BatchResult[]) => void = () => undefined): void {
    for (const mapping of this.contents.mappings.values()) {
      mapping.startPolling(onResults, (error) => {
        void this.invocations
          .track(Promise.reject(error instanceof Error ? error : new Error(String(error))))
          .catch(() => undefined);
      });
    }
  }

  async stopPolling(): Promise<void> {
    await Promise.all([...this.contents.mappings.values()].map((mapping) => mapping.stopPolling()));
  }

  /** Waits until no invocation is running, including those that others caused. Throws the first failure. */
  settle(): Promise<void> {
    return this.invocations.settled();
  }

  /**
   * Updates the running stack to another version. If that fails, it rolls back and throws the error.
   */
  async update(source: string | StackSource): Promise<void> {
    const before = this.source;
    const after = sourceOf(
      typeof source === 'string' ? { assemblyDirectory: source, stackName: before.stackName } : source,
    );
    try {
      await this.deploy(after);
    } catch (error) {
      await this.deploy(before);
      throw error;
    }
  }

  /** Deploys the source. */
  async deploy(source: AssemblyStack): Promise<void> {
    await this.deployment.apply(source);
    this.source = source;
    this.grant();
    this.forbidden = putRules(this.contents);
    for (const mapping of this.contents.mappings.values()) {
      mapping.verify();
    }
  }

  /** Deletes the stack: what its deletion policies retain stays in the services. */
  async delete(): Promise<void> {
    await this.stopPolling();
    await this.deployment.removeAll();
    await this.stop();
  }

  /** Kills every process of the stack, whatever it is doing. The services keep their state. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.contents.services.stacks.delete(this);
    const pollersEnd = this.stopPolling();
    await Promise.all([...this.allFunctions(), ...this.contents.urls.values()].map((one) => one.stop()));
    await pollersEnd;
    await rm(this.home, { recursive: true, force: true });
  }

  /** Registers each function's access key with the policies of its role. */
  private grant(): void {
    const { roles, services } = this.contents;
    for (const { name, arn: functionArn, accessKeyId, configuration } of this.allFunctions()) {
      const role = roles.byArn(configuration.roleArn);
      services.iam.addPrincipal({ name, accessKeyId, arn: role.arn, policies: roles.policiesOf(role), functionArn });
    }
  }

  private allFunctions(): LambdaFunction[] {
    return [...this.contents.functions.values()];
  }
}

function sourceOf(source: StackSource): AssemblyStack {
  return 'assemblyDirectory' in source ? readCloudAssembly(source.assemblyDirectory, source.stackName) : source;
}
