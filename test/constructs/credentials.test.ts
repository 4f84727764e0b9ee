import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { SpApiRegion } from '../../lib';
import { createApp } from '../../bin/app/stack';
import { Subject } from './synthesis';

/** What people paste into the wrong place. A build log and a template are read by many. */
describe.each([
  ['a client secret', 'amzn1.oa2-cs.v1.planted0secret1of2nobody3'],
  ['a client secret without a prefix', 'F0e1d2c3'.repeat(8)],
  ['a refresh token', 'Atzr|planted0token1of2nobody3'],
  ['a client id', 'amzn1.application-oa2-client.f0e1d2c3'],
])('%s is refused and not repeated', (_name, credential) => {
  test.each<[string, (text: string) => unknown]>([
    ['as id of an application', (text) => new Subject().hub.addApplication(text)],
    ['as clientIdField', (text) => new Subject().hub.addApplication('App', { clientIdField: text })],
    ['as clientSecretField', (text) => new Subject().hub.addApplication('App', { clientSecretField: text })],
    ['in a field', (text) => new Subject().hub.addApplication('App', { clientSecretField: `secret=${text}` })],
    ['as lwaTokenUrl', (text) => new Subject({ lwaTokenUrl: text })],
    ['in lwaTokenUrl', (text) => new Subject({ lwaTokenUrl: `https://example.com/${text}` })],
    ['as region', (text) => SpApiRegion.of(`secret=${text}`)],
    ['in region', (text) => SpApiRegion.of(`https://example.com/${text}`)],
    ['as runtime', (text) => new Subject({ runtime: new lambda.Runtime(text) })],
    ['as schedule', (text) => new Subject({ schedule: scheduler.ScheduleExpression.expression(`at(${text})`) })],
    [
      'as queueName',
      (text) => new Subject((stack) => ({ queueName: text, notificationQueue: new sqs.Queue(stack, 'Queue') })),
    ],
    ['as kind of failure', (text) => new Subject().hub.metricRotationsFailedOfKind(text)],
    ...['id', 'secretArn', 'region', 'clientIdField', 'clientSecretField', 'rotateAfterDays'].map(
      (key) =>
        [
          `as ${key} in the settings of the app`,
          (text) => createApp({ applications: [{ id: 'App', [key]: text }] }),
        ] as [string, (text: string) => unknown],
    ),
    ['in region in the settings', (text) => createApp({ applications: [{ id: 'App', region: `secret=${text}` }] })],
    ['as key in the settings', (text) => createApp({ applications: [{ id: 'App', [text]: 1 }] })],
    ['as key in the settings, unquoted', (text) => createApp({ applications: `[{id:${text}}]` })],
    ['as mode in the settings', (text) => createApp({ applications: [{ id: 'App' }], mode: text })],
    ['as lwaTokenUrl in the settings', (text) => createApp({ applications: [{ id: 'App' }], lwaTokenUrl: text })],
    ['as id with another problem', (text) => createApp({ applications: [{ id: text, rotateAfterDays: 1 }] })],
  ])('%s', (_place, act) => {
    let message = '';
    try {
      act(credential);
    } catch (error) {
      message = String(error);
    }
    expect(message).not.toBe('');
    expect(message).not.toMatch(/planted|f0e1d2c3/i);
  });
});

test('what only looks a little like one is a name like any other', () => {
  const subject = new Subject();
  const names = {
    clientIdField: 'SELLING_PARTNER_API_APPLICATION_CLIENT_ID_OF_EUROPE',
    clientSecretField: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
  };
  expect(() => subject.hub.addApplication('3d39aba1c8624c5a8b3b3f0c7b4c5f4b', names)).not.toThrow();
});
