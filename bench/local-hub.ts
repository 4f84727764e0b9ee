import { App, Duration, Stack } from 'aws-cdk-lib';
import { SpApiRegion, SpApiSecretRotation } from '../lib';
import type { Amazon } from '../test/fakes/amazon';
import { DAY, HOUR, LocalHub } from '../test/fakes/local-hub';

export interface BenchHubOptions {
  readonly applications: number;
  /** How many of them are due ten days after the start. */
  readonly due?: number;
}

/** 22 hours before a sweep that looks at everything in full. */
const START = Math.ceil(Date.parse('2026-01-01T00:00:00Z') / (23 * HOUR)) * 23 * HOUR + HOUR;

export const applicationId = (index: number): string => `Application${index}`;

/** Brings a hub up whose applications have been looked at once, so that their journals have begun. */
export async function openHub({ applications, due = 0 }: BenchHubOptions): Promise<LocalHub> {
  const hub = await LocalHub.open({
    applications: Object.fromEntries(Array.from({ length: applications }, (_, index) => [applicationId(index), {}])),
    synthesize: (amazon, outputDirectory) => synthesize(applications, due, amazon, outputDirectory),
    start: START,
  });
  await hub.invoke({});
  return hub;
}

function synthesize(applications: number, due: number, amazon: Amazon, outputDirectory: string): string {
  const app = new App({
    outdir: outputDirectory,
    analyticsReporting: false,
    // 250 created secrets are more than CloudFormation takes; here they are only a way to have 250 secrets.
    postCliContext: { '@aws-cdk/core:stackResourceLimit': 1000 },
  });
  const stack = new Stack(app, 'Bench');
  const rotation = new SpApiSecretRotation(stack, 'Hub', { lwaTokenUrl: amazon.lwaTokenUrl });
  for (let index = 0; index < applications; index++) {
    // Spread evenly, as due dates are.
    const isDue = Math.floor(((index + 1) * due) / applications) > Math.floor((index * due) / applications);
    rotation.addApplication(applicationId(index), {
      region: SpApiRegion.of(amazon.url),
      rotateAfter: Duration.days(isDue ? 8 : 150),
    });
  }
  return app.synth().directory;
}

/** Every call takes so many milliseconds longer, to AWS and to Amazon. */
export function setLatency(hub: LocalHub, milliseconds: number): void {
  hub.services.latency = milliseconds;
  hub.amazon.clearScript();
  if (milliseconds > 0) {
    for (const endpoint of ['lwa', 'rotate'] as const) {
      hub.amazon.script(endpoint, { delay: milliseconds }, { times: Number.POSITIVE_INFINITY });
    }
  }
}

/** Amazon makes a new client secret, and its message is taken out of the queue, as the poller would. */
export async function nextDelivery(hub: LocalHub, id: string): Promise<string> {
  await hub.pass(DAY);
  hub.amazon.model.rotateInConsole(hub.clientId(id));
  await hub.pass(10_000);
  const bodies = await hub.takeMessages();
  const body = bodies.find((text) => text.includes('NEW_SECRET') && text.includes(hub.clientId(id)));
  if (body === undefined) {
    throw new Error('no message came');
  }
  return body;
}

/** What Lambda hands to the store function. */
export function queueEvent(hub: LocalHub, bodies: readonly string[]): unknown {
  const sentAt = String(hub.clock.now());
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: `handle-${index}`,
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: sentAt,
        SenderId: '',
        ApproximateFirstReceiveTimestamp: sentAt,
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: hub.queueArn,
      awsRegion: hub.services.region,
    })),
  };
}
