import { Duration, Lazy } from 'aws-cdk-lib';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { RotationWindow, Weekday, type RotationHours } from '../../lib';
import { resource, Subject } from './synthesis';

const HOURS = { opensAt: '09:00', closesAt: '16:00', timeZone: 'Europe/Berlin' };

/** What the functions read of it. */
function windowOf(subject: Subject, id = 'App'): unknown {
  const { Value } = resource(subject.template, 'AWS::SSM::Parameter', `HubApplications${id}Settings`).Properties;
  const text =
    typeof Value === 'string' ? Value : (Value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].join('x');
  return (JSON.parse(text) as { rotationWindow?: unknown }).rotationWindow;
}

test.each<[string, RotationWindow, object]>([
  ['weekdays', RotationWindow.weekdays(HOURS), { days: [1, 2, 3, 4, 5], from: 540, to: 960 }],
  [
    'daily',
    RotationWindow.daily({ ...HOURS, opensAt: '00:00', closesAt: '24:00' }),
    { days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440 },
  ],
  [
    'days, over midnight',
    RotationWindow.onDays([Weekday.SUNDAY, Weekday.MONDAY, Weekday.SUNDAY], {
      ...HOURS,
      opensAt: '22:15',
      closesAt: '04:30',
    }),
    { days: [1, 7], from: 1335, to: 270 },
  ],
])('a window is in the settings of its application: %s', (_, rotationWindow, settings) => {
  const subject = new Subject();
  subject.hub.addApplication('App', { rotationWindow });
  expect(windowOf(subject)).toEqual({ ...settings, timeZone: 'Europe/Berlin' });
});

test('that of the hub is for each application which has none of its own; without one there is none', () => {
  const hub = RotationWindow.daily(HOURS);
  const subject = new Subject({ rotationWindow: hub });
  subject.hub.addApplication('App');
  subject.hub.addApplication('Other', { rotationWindow: RotationWindow.weekdays(HOURS) });
  expect(windowOf(subject)).toMatchObject({ days: [1, 2, 3, 4, 5, 6, 7] });
  expect(windowOf(subject, 'Other')).toMatchObject({ days: [1, 2, 3, 4, 5] });
  const without = new Subject();
  without.hub.addApplication('App');
  expect(windowOf(without)).toBeUndefined();
});

test.each<[Partial<RotationHours>, string]>([
  [
    { opensAt: '9:00' },
    'opensAt of a RotationWindow must be a time from 00:00 to 23:45 in steps of 15 minutes, such as 09:30; received "9:00"',
  ],
  [{ opensAt: '24:00' }, 'from 00:00 to 23:45'],
  [{ opensAt: '09:10' }, 'in steps of 15 minutes'],
  [{ opensAt: '08:75' }, 'received "08:75"'],
  [{ closesAt: '00:00' }, 'closesAt of a RotationWindow must be a time from 00:15 to 24:00'],
  [{ closesAt: '24:15' }, 'received "24:15"'],
  [{ opensAt: '16:00' }, 'opensAt and closesAt of a RotationWindow must differ; received "16:00" for both'],
  [{ timeZone: 'Berlin' }, 'must be the name of a zone in the IANA database, such as Europe/Berlin; received "Berlin"'],
  [{ timeZone: '+02:00' }, 'received "+02:00"'],
  [{ timeZone: Lazy.string({ produce: () => 'UTC' }) }, 'must be the name of a zone'],
  [{ timeZone: 'amzn1.oa2-cs.v1.x' }, 'must be the name of a zone'],
])('hours that are none throw: %j', (hours, message) => {
  const make = (): unknown => RotationWindow.daily({ ...HOURS, ...hours });
  expect(make).toThrow(message);
  expect(make).not.toThrow(/amzn1/);
});

test.each<[string[]]>([[[]], [['MONTAG']]])('days that are none throw: %j', (days) => {
  expect(() => RotationWindow.onDays(days as unknown as Weekday[], HOURS)).toThrow(
    'days of a RotationWindow must be one Weekday or more',
  );
});

test.each<[string, Duration, Partial<RotationHours>, boolean]>([
  ['an hour, with a sweep an hour', Duration.hours(1), { closesAt: '10:00' }, true],
  ['45 minutes, with a sweep an hour', Duration.hours(1), { closesAt: '09:45' }, false],
  ['six hours over midnight, with a sweep in six', Duration.hours(6), { opensAt: '22:00', closesAt: '04:00' }, true],
  ['six hours over midnight, with a sweep in seven', Duration.hours(7), { opensAt: '22:00', closesAt: '04:00' }, false],
  ['six hours, with a sweep a day', Duration.days(1), { closesAt: '15:00' }, false],
  ['the whole day, with a sweep a day', Duration.days(1), { opensAt: '00:00', closesAt: '24:00' }, true],
])('a window that a sweep may never meet throws: %s', (_, interval, hours, isMet) => {
  const subject = new Subject({
    schedule: scheduler.ScheduleExpression.rate(interval),
    rotationWindow: RotationWindow.daily({ ...HOURS, ...hours }),
  });
  const add = (): unknown => subject.hub.addApplication('App');
  if (isMet) {
    add();
  } else {
    expect(add).toThrow(
      /rotationWindow of application "App" must be open for at least as long as .* \d+ minutes.*received a window of \d+ minutes/,
    );
  }
});

test('what a schedule does not tell does not throw', () => {
  const schedule = scheduler.ScheduleExpression.expression(Lazy.string({ produce: () => 'rate(1 hour)' }));
  new Subject({ schedule }).hub.addApplication('App', {
    rotationWindow: RotationWindow.daily({ ...HOURS, closesAt: '09:15' }),
  });
});
