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
