import fc from 'fast-check';
import { hasRoomForNewSecret, readCredentials, withClientSecret } from '../../../lambda/core/secret/text';

const FIELDS = { clientIdField: 'clientId', clientSecretField: 'clientSecret' };

describe('credentials in a secret', () => {
  test('are read under the configured keys', () => {
    const text = '{"lwa_app_id":"id","lwa_client_secret":"secret","other":1}';
    expect(readCredentials(text, { clientIdField: 'lwa_app_id', clientSecretField: 'lwa_client_secret' })).toEqual({
      credentials: { clientId: 'id', clientSecret: 'secret' },
    });
  });

  test.each([undefined, '', 'text', '[]', 'null', '"text"', '17', '{"clientId":'])('%s is not JSON', (text) => {
    expect(readCredentials(text, FIELDS)).toEqual({ problem: 'not-json' });
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

  test('replaces every value of a key that occurs twice', () => {
    const text = '{"clientSecret":"a","clientId":"id","clientSecret":"bb"}';
    expect(withClientSecret(text, FIELDS, 'x"y')).toBe(
      '{"clientSecret":"x\\"y","clientId":"id","clientSecret":"x\\"y"}',
    );
  });

  test('does not change a key of the same name at a deeper level', () => {
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
