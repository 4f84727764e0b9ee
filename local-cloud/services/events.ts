import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { AwsError, NotEmulated } from './aws-error';
import type { Clock } from './clock';
import { inputFor, refuseUnknownInput, type TargetInput } from './event-input';
import { jsonObjectFrom, matchesPattern, refuseUnknownPattern, type EventPattern } from './event-pattern';
import { Identifiers } from './identifiers';

const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 262_144;

export interface EventBusModelOptions {
  readonly clock: Clock;
  readonly region?: string;
  readonly account?: string;
  readonly seed?: string;
}

export interface EventRule {
  readonly name: string;
  readonly busArn: string;
  readonly pattern: EventPattern;
  readonly targets: readonly EventTarget[];
}

export interface EventTarget extends TargetInput {
  readonly arn: string;
}

/** An event, as rules match it and targets receive it. */
export interface SentEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export type TargetListener = (targetArn: string, input: unknown) => void;

/** EventBridge: buses, rules with exact values and prefixes, inputs of targets. Pure. */
export class EventBusModel {
  /** Every accepted event, with the bus it was put on. */
  readonly sent: (SentEvent & { readonly busArn: string })[] = [];

  private readonly options: Required<Omit<EventBusModelOptions, 'seed'>>;
  private readonly identifiers: Identifiers;
  private readonly buses = new Set<string>();
  private readonly rules = new Map<string, EventRule>();
  private readonly listeners: TargetListener[] = [];
  private toReject = 0;

  constructor(options: EventBusModelOptions) {
    this.options = { region: 'us-east-1', account: '123456789012', ...options };
    this.identifiers = new Identifiers(options.seed ?? 'events');
    this.createBus('default');
  }

  /** Returns the bus's ARN. */
  createBus(name: string): string {
    const arn = this.arnOf(name);
    this.buses.add(arn);
    return arn;
  }

  putRule(rule: EventRule): void {
    if (!this.buses.has(rule.busArn)) {
      throw new AwsError('ResourceNotFoundException', `Event bus ${rule.busArn} does not exist.`);
    }
    refuseUnknownPattern(rule.pattern);
    rule.targets.forEach(refuseUnknownInput);
    this.rules.set(`${rule.busArn}|${rule.name}`, rule);
  }

  onTarget(listener: TargetListener): void {
    this.listeners.push(listener);
  }

  /** Makes the next entries fail, one by one. The answer is still a success, with a `FailedEntryCount`. */
  rejectNext(count: number): void {
    this.toReject += count;
  }

  putEvents(request: PutEventsRequest): PutEventsResponse {
    const entries = request.Entries ?? [];
    if (entries.length < 1 || entries.length > MAX_ENTRIES) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MAX_ENTRIES}`,
      );
    }
    if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_REQUEST_BYTES) {
      throw new AwsError('ValidationException', `Total size of the entries in the request is over the limit.`);
    }
    const results = entries.map((entry) => this.putEntry(entry));
    return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
  }

  /** ARN of a bus, named or given as ARN; `undefined` is the default bus. */
  arnOf(bus: string | undefined): string {
    const name = bus ?? 'default';
    return name.startsWith('arn:')
      ? name
      : `arn:aws:events:${this.options.region}:${this.options.account}:event-bus/${name}`;
  }

  private putEntry(entry: PutEventsRequestEntry): PutEventsResultEntry {
    const busArn = this.arnOf(entry.EventBusName);
    const problem = this.problemOf(entry, busArn);
    if (problem !== undefined) {
      return problem;
    }
    const time = entry.Time ?? new Date(this.options.clock.now());
    const event: SentEvent = {
      version: '0',
      id: this.identifiers.uuid(),
      'detail-type': entry.DetailType ?? '',
      source: entry.Source ?? '',
      account: this.options.account,
      time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
      region: this.options.region,
      resources: entry.Resources ?? [],
      detail: JSON.parse(entry.Detail ?? ''),
    };
    this.sent.push({ ...event, busArn });
    for (const rule of this.rules.values()) {
      if (rule.busArn === busArn && matchesPattern(rule.pattern, event)) {
        this.deliver(rule, event);
      }
    }
    return { EventId: event.id };
  }

  private deliver(rule: EventRule, event: SentEvent): void {
    for (const target of rule.targets) {
      const input = inputFor(target, event);
      for (const listener of this.listeners) {
        listener(target.arn, input);
      }
    }
  }

  private problemOf(entry: PutEventsRequestEntry, busArn: string): PutEventsResultEntry | undefined {
    if (this.toReject > 0) {
      this.toReject -= 1;
      return { ErrorCode: 'InternalFailure', ErrorMessage: 'Unexpected error occurred.' };
    }
    for (const field of ['Source', 'DetailType', 'Detail'] as const) {
      if (entry[field] === undefined || entry[field] === '') {
        return {
          ErrorCode: 'InvalidArgument',
          ErrorMessage: `Parameter ${field} is not valid. Reason: ${field} is a required argument.`,
        };
      }
    }
    if (entry.Source?.startsWith('aws.') === true) {
      return {
        ErrorCode: 'NotAuthorizedForSourceException',
        ErrorMessage: 'Not authorized for the source.',
      };
    }
    if (jsonObjectFrom(entry.Detail ?? '') === undefined) {
      return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    }
    if (!this.buses.has(busArn)) {
      throw new NotEmulated(`putting an event on a bus that does not exist (${busArn})`);
    }
    return undefined;
  }
}

function sizeOf(entry: PutEventsRequestEntry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...(entry.Resources ?? [])];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), entry.Time === undefined ? 0 : 14);
}
