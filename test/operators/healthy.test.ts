import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Duration } from 'aws-cdk-lib';
import type { LocalHub } from '../fakes/local-hub';
import { isExhaustive } from '../sample';
import { DAY, HOUR, MINUTE, openScene } from '../rotation/scene';
import { OnCall } from '../fakes/on-call';

/** How long Shop and Store are looked after, and how often they rotate meanwhile: every 90 and 60 days. */
const [days, ofShop, ofStore] = isExhaustive ? [365, 5, 7] : [95, 2, 2];

let hub: LocalHub;
afterEach(() => hub.close());

test(`no alarm rings in ${days} healthy days`, async () => {
  hub = await openScene({
    applications: { Shop: {}, Store: { props: { rotateAfter: Duration.days(60) } } },
    props: { schedule: scheduler.ScheduleExpression.rate(Duration.hours(6)) },
    behaviour: { propagationDelay: 3 * HOUR },
  });
  const onCall = new OnCall(hub, 6 * HOUR);
  // The first rotation of each is made by hand: README, step 4.
  await onCall.pass(6 * HOUR);
  for (const id of ['Shop', 'Store']) {
    await hub.rotate(id);
    await hub.deliver();
  }
  await onCall.pass(days * DAY);

  expect(hub.events('Client Secret Rotated').filter(({ detail }) => detail.application === 'Shop')).toHaveLength(
    ofShop,
  );
  expect(hub.events('Client Secret Rotated').filter(({ detail }) => detail.application === 'Store')).toHaveLength(
    ofStore,
  );
  expect(onCall.transitions.filter(({ to }) => to === 'ALARM')).toEqual([]);
  expect(new Set(onCall.cloudWatch.states.values())).toEqual(new Set(['OK']));
});

test('no alarm rings while a new client secret propagates for three hours, with sweeps every hour', async () => {
  hub = await openScene({ behaviour: { propagationDelay: 3 * HOUR } });
  const onCall = new OnCall(hub);
  await onCall.pass(10 * MINUTE);
  await hub.rotate();
  await hub.deliver();
  expect(hub.clientSecret('AWSCURRENT')).not.toBe(hub.newestIssued());
  await onCall.pass(6 * HOUR);

  expect(hub.clientSecret('AWSCURRENT')).toBe(hub.newestIssued());
  expect(hub.logLines.filter(({ message }) => message === 'message kept').length).toBeGreaterThan(5);
  expect(onCall.transitions.filter(({ to }) => to === 'ALARM')).toEqual([]);
});
