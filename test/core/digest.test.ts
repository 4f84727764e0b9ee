import { digestOf, firstEntryId, nextEntryId, stagedVersionId } from '../../lambda/core/digest';

test('version ids are what Secrets Manager takes, and depend on nothing but what they name', () => {
  const ids = [
    digestOf('a'),
    firstEntryId('a'),
    nextEntryId('a', 'nonce'),
    stagedVersionId('a', 'b', 'f'),
    stagedVersionId('a', 'b', 'g'),
    stagedVersionId('b', 'a', 'f'),
    stagedVersionId('a', 'c', 'f'),
    nextEntryId('b', 'nonce'),
    nextEntryId('a', 'other nonce'),
    firstEntryId('b'),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(nextEntryId('a', 'nonce')).toBe(nextEntryId('a', 'nonce'));
});
