import fc from 'fast-check';
import { hasRoomForNewSecret, readCredentials, stringsIn, withClientSecret } from '../../../lambda/core/secret/text';
import { CLIENT_ID } from '../entries';

const FIELDS = { clientIdField: 'clientId', clientSecretField: 'clientSecret' };

describe('credentials in a secret', () => {
  test('are read under the configured keys', () => {
    const text = `{"LWA_APP_ID":"${CLIENT_ID}","LWA_CLIENT_SECRET":"secret","other":1}`;
    expect(readCredentials(text, { clientIdField: 'LWA_APP_ID', clientSecretField: 'LWA_CLIENT_SECRET' })).toEqual({
      credentials: { clientId: CLIENT_ID, clientSecret: 'secret' },
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
    ['{}', '"clientId" and "clientSecret"'],
    ['{"clientId":"id"}', '"clientSecret"'],
    ['{"clientSecret":"secret"}', '"clientId"'],
    ['{"clientId":"","clientSecret":"secret"}', '"clientId"'],
    ['{"clientId":"id","clientSecret":""}', '"clientSecret"'],
    ['{"clientId":1,"clientSecret":"secret"}', '"clientId"'],
    ['{"clientId":"id","clientSecret":null}', '"clientSecret"'],
    ['{"nested":{"clientId":"id","clientSecret":"secret"}}', '"clientId" and "clientSecret"'],
  ])('%s lacks %s', (text, keys) => {
    expect(readCredentials(text, FIELDS)).toEqual({
      problem: 'field-missing',
      hint: `Missing, or no text: ${keys}.`,
    });
  });

  test('the key that is missing is named as it was configured', () => {
    const fields = { clientIdField: 'LWA_APP_ID', clientSecretField: 'LWA "SECRET"' };
    expect(readCredentials('{"LWA_APP_ID":"id"}', fields)).toMatchObject({
      hint: 'Missing, or no text: "LWA \\"SECRET\\"".',
    });
  });
});

describe('what stands in the place of the client id', () => {
  const old = '0123456789abcdef'.repeat(4);
  const secret = 'amzn1.oa2-cs.v1.1secret2of3nobody4';

  test.each([
    [CLIENT_ID.toUpperCase(), 'none of the usual mistakes'],
    ['Shop', 'none of the usual mistakes'],
    [secret, 'swapped'],
    [old, 'swapped'],
    ['Atzr|4secret5of6nobody7', 'none of the usual mistakes'],
    [`${CLIENT_ID}${secret}`, 'something else follows'],
    [`${CLIENT_ID}${old}`, 'something else follows'],
    [`${CLIENT_ID}:${old}`, 'something else follows'],
    [` ${CLIENT_ID}\n${secret}`, 'something else follows'],
    [`${CLIENT_ID}\n`, 'white space'],
    [`\t${CLIENT_ID}\u00a0`, 'white space'],
    ['amzn1.sp.solution.1234-abcd', 'application id'],
    ['amzn1.sellerapps.app.1234-abcd', 'application id'],
  ])('is not read where it is none: %j', (clientId, hint) => {
    const read = readCredentials(JSON.stringify({ clientId, clientSecret: 'secret' }), FIELDS);
    expect(read).toEqual({ problem: 'wrong-client-id', hint: expect.stringContaining(hint) as unknown });
    // Not quoted, not even in part.
    expect(JSON.stringify(read)).not.toMatch(/abcd|nobody|0123/);
  });

  test.each([CLIENT_ID, 'amzn1.application-oa2-client.6XXXXXXXXXXXXXXXXXXXXXXXXX'])('is read: %s', (clientId) => {
    const credentials = { clientId, clientSecret: 'secret' };
    expect(readCredentials(JSON.stringify(credentials), FIELDS)).toEqual({ credentials });
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

  test('is found however deep another value is', () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const text = `{"deep":${deep},"clientSecret":"old"}`;
    expect(withClientSecret(text, FIELDS, 'new')).toBe(text.replace('"old"', '"new"'));
  });

  test.each(['"', '\\', 'x', '":{,\\"'])('is found behind a long value of %j', (part) => {
    const text = JSON.stringify({ [part]: part.repeat(30_000), clientSecret: 'old', other: ':' });
    expect(withClientSecret(text, FIELDS, 'new')).toBe(text.replace('"old"', '"new"'));
  });

  test('takes the place of a value that is no text', () => {
    const text = '{"clientSecret":{"a":[1,{"clientSecret":2}]},"clientSecret":[] , "clientSecret":null}';
    expect(withClientSecret(text, FIELDS, 'x')).toBe('{"clientSecret":"x","clientSecret":"x" , "clientSecret":"x"}');
  });

  test('can be read again, and put back', () => {
    const others = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(others, fc.string({ minLength: 1 }), fc.constantFrom(undefined, 2, '\t'), (other, secret, space) => {
        const text = JSON.stringify({ ...other, clientId: CLIENT_ID, clientSecret: 'old' }, undefined, space);
        const edited = withClientSecret(text, FIELDS, secret);
        expect(readCredentials(edited, FIELDS)).toEqual({ credentials: { clientId: CLIENT_ID, clientSecret: secret } });
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

describe('credentials of another shape', () => {
  const NESTED = { clientIdField: '/lwa/id', clientSecretField: '/lwa/a~1b~0c' };
  const nested = `{"x":{"lwa":{"id":"not this"}},\n "lwa" : {"list":["id",{"id":1}], "id":"${CLIENT_ID}","a/b~c": "old" ,"z":1.10},"id":"nor this"}`;

  test('are read under JSON pointers, and only the client secret is replaced', () => {
    expect(readCredentials(nested, NESTED)).toEqual({ credentials: { clientId: CLIENT_ID, clientSecret: 'old' } });
    expect(withClientSecret(nested, NESTED, 'n"w')).toBe(nested.replace('"old"', '"n\\"w"'));
  });

  test('are replaced in each copy of an object that is there twice', () => {
    const twice = `{"lwa":{"a/b~c":"first"},"lwa":{"a/b~c":"x","a/b~c":"last","id":"${CLIENT_ID}"}}`;
    expect(withClientSecret(twice, NESTED, 'new')).toBe(twice.replace(/"(first|x|last)"/g, '"new"'));
  });

  test.each([
    ['{"lwa":{"id":"x"}}', '"/lwa/a~1b~0c"'],
    ['{"lwa":"text"}', '"/lwa/id" and "/lwa/a~1b~0c"'],
    ['{"lwa":[{"id":"x"}]}', '"/lwa/id" and "/lwa/a~1b~0c"'],
    ['{"/lwa/id":"x","lwa":null}', '"/lwa/id" and "/lwa/a~1b~0c"'],
    ['{"lwa":{"__proto__":{"id":"x"}}}', '"/lwa/id" and "/lwa/a~1b~0c"'],
  ])('%s lacks %s', (text, keys) => {
    expect(readCredentials(text, NESTED)).toEqual({ problem: 'field-missing', hint: `Missing, or no text: ${keys}.` });
  });

  const BARE = { clientIdField: 'clientId', clientSecretField: '', clientId: CLIENT_ID };

  test('are the client secret alone, with the client id of the settings, and white space around it stays', () => {
    expect(readCredentials(' old$&\n', BARE)).toEqual({ credentials: { clientId: CLIENT_ID, clientSecret: 'old$&' } });
    expect(withClientSecret(' old$&\n', BARE, 'new$&')).toBe(' new$&\n');
  });

  test.each(['', ' \n', '{"clientSecret":"x"}'])('are not %j, where the client secret alone is expected', (text) => {
    expect(readCredentials(text, BARE)).toMatchObject({ problem: 'field-missing' });
  });

  test('need a client id in the settings that is one', () => {
    expect(readCredentials('old', { ...BARE, clientId: 'x' })).toEqual({ problem: 'wrong-client-id' });
    expect(readCredentials(undefined, BARE)).toMatchObject({ problem: 'not-json' });
  });

  test('are a client secret in JSON, with the client id of the settings', () => {
    const fields = { ...BARE, clientSecretField: 'secret' };
    expect(readCredentials('{"secret":"old","clientId":"x"}', fields)).toEqual({
      credentials: { clientId: CLIENT_ID, clientSecret: 'old' },
    });
    expect(readCredentials('{}', fields)).toMatchObject({ hint: 'Missing, or no text: "secret".' });
  });

  test('all texts are found wherever a deploy may have left them, also in what is deep', () => {
    expect(stringsIn(nested).sort()).toEqual(['id', 'nor this', 'not this', nested, 'old', CLIENT_ID].sort());
    expect(stringsIn(' old\n')).toEqual(['old']);
    expect(stringsIn(`${'['.repeat(9_000)}"deep"${']'.repeat(9_000)}`)).toContain('deep');
    expect(stringsIn(undefined)).toEqual([]);
  });
});
