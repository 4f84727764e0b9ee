import { textOf } from '../../bin/command/presentation';

test.each([
  ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf', true],
  ['', false],
])(
  'the secret %j has a line, unless nobody knows it: the settings of the application could not be read',
  (secretArn, shown) => {
    const applications = [
      { application: 'Shop', clientId: '', secretName: 'shop', secretArn, outcome: 'failed', next: 'Look.' } as const,
    ];
    expect(textOf({ applications }, 0).includes('secret of Shop')).toBe(shown);
  },
);

const DAY = 86_400_000;

test.each([['healthy', 'in 3 days'], ['stalled', 'in 3 days', '(asks again)'], ['requested'], ['in-flight']] as const)(
  'the next rotation of an application that is %s',
  (outcome, ...shown) => {
    const due = new Date(3 * DAY).toISOString();
    const applications = [
      { application: 'Shop', clientId: '', secretName: '', secretArn: '', outcome, due, next: 'Look.' } as const,
    ];
    const found = /in \d+ days|\(asks again\)/g;
    expect([...textOf({ applications }, 0).matchAll(found)].map(([text]) => text)).toEqual(shown);
  },
);

test('a date that is over is told as such', () => {
  const worksUntil = new Date(0).toISOString();
  const applications = [
    {
      application: 'Shop',
      clientId: '',
      secretName: '',
      secretArn: '',
      outcome: 'failed',
      worksUntil,
      next: '',
    } as const,
  ];
  expect(textOf({ applications }, 151 * DAY)).toContain('151 days ago');
});
