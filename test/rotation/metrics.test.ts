import { App, Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SpApiApplication, SpApiSecretRotation } from '../../lib';
import { DAY, HOUR, newSecretNotification, openScene, type LocalHub } from './scene';

/** Name and dimensions of every metric that a public method of a construct returns. */
function publicMetrics(): string[] {
  const hub = new SpApiSecretRotation(new Stack(new App({ analyticsReporting: false }), 'Stack'), 'Hub');
  const application = hub.addApplication('Shop');
  return [
    ...metricsOf(hub, SpApiSecretRotation.prototype),
    ...metricsOf(application, SpApiApplication.prototype),
    identity(hub.metricRotationsFailedOfKind('not-enrolled')),
  ];
}

function metricsOf(subject: object, prototype: object): string[] {
  return Object.getOwnPropertyNames(prototype)
    .filter((name) => name.startsWith('metric') && name !== 'metricRotationsFailedOfKind')
    .map((name) => identity((Reflect.get(subject, name) as () => Metric).call(subject)));
}

function identity({ metricName, dimensions = {} }: Pick<Metric, 'metricName'> & { dimensions?: object }): string {
  return `${metricName} by ${Object.keys(dimensions).sort().join(', ')}`;
}

/** What makes the functions publish everything that they can publish. */
async function publishAll(scene: LocalHub): Promise<void> {
  await scene.send(newSecretNotification(scene, 'amzn1.oa2-cs.v1.x', { clientId: 'amzn1.application-oa2-client.0' }));
  await scene.send('{"newClientSecret":');
  await scene.send('{"notificationType":"LISTINGS_ITEM_STATUS_CHANGE"}');
  await scene.drain();
  scene.amazon.script('rotate', {
    status: 400,
    body: JSON.stringify({ errors: [{ code: 'InvalidInput', message: 'Application is not enrolled' }] }),
  });
  await scene.rotate();
  await scene.pass(HOUR);
  await scene.rotate();
  await scene.deliver();
  await scene.pass(8 * DAY);
  scene.amazon.model.changeNextDelivery({ isLost: true });
  await scene.rotate();
  await scene.pass(2 * HOUR);
  scene.write('Broken', 'no JSON');
  await scene.invoke({});
}

test('every public metric is published by the functions, under its name and with its dimensions', async () => {
  const scene = await openScene({
    applications: { Shop: {}, Broken: {} },
    props: { applicationMetrics: true },
  });
  try {
    await publishAll(scene);
    const published = new Set(
      scene.stack.metrics.map(({ name, dimensions }) => identity({ metricName: name, dimensions })),
    );
    expect(publicMetrics()).toHaveLength(15);
    expect(publicMetrics().filter((metric) => !published.has(metric))).toEqual([]);
  } finally {
    await scene.close();
  }
});
