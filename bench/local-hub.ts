import { App, Duration, Stack } from 'aws-cdk-lib';
import { SpApiRegion, SpApiSecretRotation } from '../lib';
import type { Amazon } from '../test/fakes/amazon';
import { DAY, HOUR, LocalHub } from '../test/fakes/local-hub';
import { certificateOfLoopback } from './certificate';
import { latencies } from './latency';
import { ProcessorShare } from './processor-share';

/** 22 hours before a sweep that reads every application in full. */
const START = Math.ceil(Date.parse('2026-01-01T00:00:00Z') / (23 * HOUR)) * 23 * HOUR + HOUR;

export const applicationId = (index: number): string => `Application${index}`;

/** Deploys a hub, whose functions call everybody over TLS, and runs one sweep, which begins the journals. */
export async function openHub({ applications }: { readonly applications: number }): Promise<LocalHub> {
  const { certificate, authority } = certificateOfLoopback();
  let isOpen = false;
  const hub = await LocalHub.open({
    certificate,
    environment: { NODE_EXTRA_CA_CERTS: authority },
    // What comes before is not measured, and need not be slow.
    confine: (processId, memorySize) => (isOpen ? ProcessorShare.of(processId, memorySize) : undefined),
    applications: Object.fromEntries(Array.from({ length: applications }, (_, index) => [applicationId(index), {}])),
    synthesize: (amazon, outputDirectory) => synthesize(applications, amazon, outputDirectory),
    start: START,
  });
  await hub.invoke({});
  isOpen = true;
  return hub;
}

function synthesize(applications: number, amazon: Amazon, outputDirectory: string): string {
  const app = new App({
    outdir: outputDirectory,
    analyticsReporting: false,
    // CloudFormation refuses 250 created secrets; the local cloud takes them, and they are the shortest way to 250 secrets.
    postCliContext: { '@aws-cdk/core:stackResourceLimit': 1000 },
  });
  const stack = new Stack(app, 'Bench');
  const rotation = new SpApiSecretRotation(stack, 'Hub', { lwaTokenUrl: amazon.lwaTokenUrl });
  for (let index = 0; index < applications; index++) {
    rotation.addApplication(applicationId(index), {
      region: SpApiRegion.of(amazon.url),
      rotateAfter: Duration.days(150),
    });
  }
  return app.synth().directory;
}

/** Makes every call to AWS and to Amazon so many milliseconds longer on average. */
export function setLatency(hub: LocalHub, average: number): void {
  const next = average > 0 ? latencies(average) : () => 0;
  hub.services.latency = next;
  hub.amazon.latency = next;
}

/** Lets Amazon make a new client secret, and receives its messages. */
export async function nextDelivery(hub: LocalHub, id: string): Promise<readonly string[]> {
  await hub.pass(DAY);
  hub.amazon.model.rotateInConsole(hub.clientId(id));
  await hub.pass(10_000);
  const bodies = await hub.takeMessages();
  const deliveries = bodies.filter((text) => text.includes('NEW_SECRET') && text.includes(hub.clientId(id)));
  if (deliveries.length !== 1) {
    throw new Error(`${deliveries.length} deliveries came instead of one`);
  }
  return deliveries;
}

/** The event that Lambda passes to the store function. */
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
