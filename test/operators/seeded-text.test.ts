import { seededText } from '../../bin/command/seed/seeded-text';

const CREDENTIALS = { clientId: 'ID', clientSecret: 'NEW' };
const NESTED = { clientIdField: '/lwa/id', clientSecretField: '/lwa/in/secret' };
const BARE = { clientIdField: 'clientId', clientSecretField: '', clientId: 'ID' };

test.each([
  [
    'nested, where all is there',
    NESTED,
    '{"lwa": {"id":"x","in":{"secret" : "y"},"z":1.10}}',
    '{"lwa": {"id":"ID","in":{"secret" : "NEW"},"z":1.10}}',
  ],
  [
    'nested, where one key is missing',
    NESTED,
    '{"lwa":{"in":{"a":1}}}',
    '{"lwa":{"id":"ID","in":{"secret":"NEW","a":1}}}',
  ],
  ['nested, where nothing is there', NESTED, undefined, '{"lwa":{"id":"ID","in":{"secret":"NEW"}}}'],
  ['nested, beside other keys', NESTED, '{ "a":{}}', '{"lwa":{"id":"ID","in":{"secret":"NEW"}}, "a":{}}'],
  ['alone', BARE, '{"a":1}', 'NEW'],
  ['under a key, without the client id', { ...BARE, clientSecretField: 's' }, '{"a":1}', '{"s":"NEW","a":1}'],
])('a secret is seeded in its shape: %s', (_, fields, before, after) => {
  expect(seededText(before, fields, CREDENTIALS)).toBe(after);
});
