import { randomUUID } from 'node:crypto';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { endpointProblem } from '../../lib/contract/endpoint';
import type { Application, Clock, QueueAttributes } from '../core/ports';
import { withDeadline } from '../core/deadline';
import { withDirectory } from '../core/secret/directory';
import { MINUTE, SECOND } from '../core/time';
import { CLIENT_CONFIGURATION } from './aws-call';
import { Misconfigured, optionalEnvironment, requireEnvironment } from './environment';
import { EventBridgeBus } from './event-bridge';
import { LwaTokenEndpoint } from './login-with-amazon';
import { Observer } from './observer';
import { readApplications } from './parameters';
import { NotificationSqsQueue, UnclaimedSqsQueue } from './queues';
import { readSeveral, SecretsManagerSecret } from './secrets-manager';
import { SellingPartnerApiEndpoint } from './selling-partner-api';

export const clock: Clock = { now: () => Date.now() };

/**
 * How long connections to AWS may be idle. A NAT gateway forgets one after 350 seconds, a firewall after 60 or more, and
 * nobody is told: the next call over it fails. Where many are kept, a call and its retries can meet dead ones only.
 *
 * @see https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_FlowTimeouts.html
 */
const MAX_IDLE = 30 * SECOND;

/** The hub that the environment variables describe, with clients that live as long as the function's process. */
export class Hub {
  readonly observer: Observer;
  readonly queue: NotificationSqsQueue;
  readonly sqs = new SQSClient(CLIENT_CONFIGURATION);

  private readonly arn = requireEnvironment('queueArn');
  private readonly queueKeyArn = optionalEnvironment('queueKeyArn');
  private readonly sweepInterval = minutes(optionalEnvironment('sweepIntervalMinutes'));
  private readonly otherEndpoints = (optionalEnvironment('otherEndpoints') ?? '').split(' ');
  private readonly applicationsPath = requireEnvironment('applicationsPath');
  private readonly secretsManager = new SecretsManagerClient(CLIENT_CONFIGURATION);
  private readonly ssm = new SSMClient(CLIENT_CONFIGURATION);
  private readonly eventBridge = new EventBridgeClient(CLIENT_CONFIGURATION);
  private readonly lwa: LwaTokenEndpoint;
  private readonly bus: EventBridgeBus;
  private endedAt = clock.now();

  /** @throws {Misconfigured} */
  constructor() {
    const lwaTokenUrl = requireEnvironment('lwaTokenUrl');
    const problem = endpointProblem(lwaTokenUrl);
    if (problem !== undefined) {
      throw new Misconfigured(`the LWA token URL cannot be used: ${problem}`);
    }
    this.lwa = new LwaTokenEndpoint(lwaTokenUrl);
    this.observer = new Observer(this.arn);
    this.queue = new NotificationSqsQueue(this.sqs, requireEnvironment('queueUrl'));
    this.bus = new EventBridgeBus(this.eventBridge, requireEnvironment('eventBusArn'));
  }

  begin(invocationId: string): void {
    this.observer.begin(invocationId);
    if (clock.now() - this.endedAt > MAX_IDLE) {
      // They go on with fresh connections.
      [this.sqs, this.secretsManager, this.ssm, this.eventBridge].forEach((client) => {
        client.destroy();
      });
    }
  }

  /** Ends an invocation. */
  end(): void {
    this.observer.end();
    this.lwa.close();
    this.endedAt = clock.now();
  }

  /** Only the store function has one. */
  unclaimedQueue(): UnclaimedSqsQueue {
    return new UnclaimedSqsQueue(this.sqs, requireEnvironment('unclaimedQueueUrl'));
  }

  /**
   * Reads the applications, each with ports of its own.
   *
   * @throws {CallFailed}
   * @throws {Misconfigured}
   */
  async applications(deadline: number): Promise<Application[]> {
    const list = await readApplications(this.ssm, this.applicationsPath, this.otherEndpoints);
    // All share one queue: asked once an invocation.
    let attributes: Promise<QueueAttributes | undefined> | undefined;
    const queue = { attributes: () => (attributes ??= this.queue.attributes()) };
    const applications = list.map(({ settings, misconfigured }) => ({
      settings,
      misconfigured,
      hub: this.arn,
      queueKeyArn: this.queueKeyArn,
      sweepInterval: this.sweepInterval,
      ports: withDeadline(
        {
          secrets: new SecretsManagerSecret(this.secretsManager, settings.secretArn),
          readSeveral: readSeveral(this.secretsManager),
          lwa: this.lwa,
          spApi: new SellingPartnerApiEndpoint(settings.endpoint),
          queue,
          events: this.bus,
          clock,
          nonce: randomUUID,
          observe: this.observer.observe,
          deadline,
        },
        deadline,
      ),
    }));
    return withDirectory(applications);
  }
}

/** What is no number counts as absent: then every sweep looks at everything. */
function minutes(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) ? value * MINUTE : undefined;
}
