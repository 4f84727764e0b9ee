import fc from 'fast-check';
import { hasRoomForNewSecret, readCredentials, withClientSecret } from '../../../lambda/core/secret/text';

const FIELDS = { clientIdField: 'clientId', clientSecretField: 'clientSecret' };

describe('credentials in a secret', () => {
  test('are read under the configured keys', () => {
    const text = '{"LWA_APP_ID":"id","LWA_CLIENT_SECRET":"secret","other":1}';
    expect(readCredentials(text, { clientIdField: 'LWA_APP_ID', clientSecretField: 'LWA_CLIENT_SECRET' })).toEqual({
      credentials: { clientId: 'id', clientSecret: 'secret' },
    });
  });

  test.each([undefined, '', 'text', '[]', 'null', '"text"', '17', '{"clientId":'])('%s is not JSON', (text) => {
    expect(readCredentials(text, FIELDS)).toMatchObject({ problem: 'not-json' });
  });

  test.each([
    [undefined, 'binary data'],
    ['', 'empty'],
    [' \n', 'empty'],
    ['\ufeff{"clientId":"id"}', 'byte order mark'],
    ['{\u00a0"clientId":"id"}', 'invisible character'],
    [JSON.stringify('{"clientId":"id"}'), 'inside a JSON string'],
    ['"amzn1.oa2-cs.v1.0f3c"', 'a JSON string.'],
    ['[{"clientId":"id"}]', 'JSON of another kind'],
    ['null', 'JSON of another kind'],
    ['{clientId:id,clientSecret:secret}', 'without the double quotes'],
    ["{'clientId':'id'}", 'without the double quotes'],
    ['{ “clientId”:“id” }', 'without the double quotes'],
    ['{"clientId":id}', 'without the double quotes'],
    ['{"clientId":"id"', 'end is missing'],
    ['{"clientId":"id"}%', 'something follows'],
    ['{"clientId":"id",}', 'commas and quotes'],
    ['amzn1.oa2-cs.v1.0f3c', 'one of the two values alone'],
  ])('of %j it is said which mistake it looks like, and nothing of it is quoted', (text, hint) => {
    const read = readCredentials(text, FIELDS);
    expect(read).toEqual({ problem: 'not-json', hint: expect.stringContaining(hint) as string });
    expect(JSON.stringify(read)).not.toMatch(/0f3c|clientId|:id/);
  });

  test('of what looks like no mistake that is known, none is guessed', () => {
    expect(readCredentials('text', FIELDS)).toEqual({ problem: 'not-json', hint: undefined });
  });

  test.each([
    '{}',
    '{"clientId":"id"}',
    '{"clientSecret":"secret"}',
    '{"clientId":"","clientSecret":"secret"}',
    '{"clientId":"id","clientSecret":""}',
    '{"clientId":1,"clientSecret":"secret"}',
    '{"clientId":"id","clientSecret":null}',
    '{"nested":{"clientId":"id","clientSecret":"secret"}}',
  ])('%s lacks a field', (text) => {
    expect(readCredentials(text, FIELDS)).toEqual({ problem: 'field-missing' });
  });
});

describe('another client secret in the text', () => {
  test('leaves everything else byte for byte', () => {
    const text =
      '{ "big": 12345678901234567890.10,\r\n\t"clientSecret" :"old" , "a":1,"a":2, "ü":"\\u00fc", "clientId":"id" }\n';
    expect(withClientSecret(text, FIELDS, 'new')).toBe(text.replace('"old"', '"new"'));
  });

  test('takes the place of every value of a key that is there twice', () => {
    const text = '{"clientSecret":"a","clientId":"id","clientSecret":"bb"}';
    expect(withClientSecret(text, FIELDS, 'x"y')).toBe(
      '{"clientSecret":"x\\"y","clientId":"id","clientSecret":"x\\"y"}',
    );
  });

  test('touches no key of the same name further down', () => {
    const text = '{"nested":{"clientSecret":"mine"},"clientSecret":"old","clientId":"id"}';
    expect(withClientSecret(text, FIELDS, 'new')).toBe(text.replace('"old"', '"new"'));
  });

  test('can be read again, and put back', () => {
    const others = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(others, fc.string({ minLength: 1 }), fc.constantFrom(undefined, 2, '\t'), (other, secret, space) => {
        const text = JSON.stringify({ ...other, clientId: 'id', clientSecret: 'old' }, undefined, space);
        const edited = withClientSecret(text, FIELDS, secret);
        expect(readCredentials(edited, FIELDS)).toEqual({ credentials: { clientId: 'id', clientSecret: secret } });
        expect(withClientSecret(edited, FIELDS, 'old')).toBe(text);
      }),
      { seed: 1 },
    );
  });
});

test('room for a new secret is counted in bytes, with 1 KiB to spare', () => {
  expect(hasRoomForNewSecret('a'.repeat(64_512))).toBe(true);
  expect(hasRoomForNewSecret('a'.repeat(64_513))).toBe(false);
  expect(hasRoomForNewSecret('ü'.repeat(32_256))).toBe(true);
  expect(hasRoomForNewSecret('ü'.repeat(32_257))).toBe(false);
});
