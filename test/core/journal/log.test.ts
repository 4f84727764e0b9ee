import { nextEntryId } from '../../../lambda/core/digest';
import { formatEntry, type JournalEntry } from '../../../lambda/core/journal/entry';
import { withHub } from '../../../lambda/core/journal/transitions';
import { append, begin, claim, type JournalHead } from '../../../lambda/core/journal/log';
import { ADDED, entry } from '../entries';
import { OneApplication } from '../one-application';

const JOURNAL = 'SpApiRotationJournal';

/** An application with a journal of one entry, and that entry. */
function begun(): { one: OneApplication; head: JournalHead } {
  const one = new OneApplication();
  one.store('seeded');
  one.journal(entry());
  return { one, head: one.head() };
}

test('an entry whose answer was lost is known by its nonce', async () => {
  const { one, head } = begun();
  const { secrets } = one.application.ports;
  const put = secrets.put.bind(secrets);
  jest.spyOn(secrets, 'put').mockImplementationOnce(async (version) => {
    await put(version);
    return 'taken';
  });
  const claimed = await claim(one.application, head, withHub(head.entry, 'other', ADDED));
  expect(claimed?.entry).toMatchObject({ hub: 'other' });
});

test('an entry that another run wrote is not claimed', async () => {
  const { one, head } = begun();
  one.another((before) => withHub(before, 'theirs', ADDED));
  expect(await claim(one.application, head, withHub(head.entry, 'other', ADDED))).toBeUndefined();
  expect(one.entry().hub).toBe('theirs');
});

test('a change is decided again from the entry of another run', async () => {
  const { one, head } = begun();
  one.another((before) => ({ ...before, superseded: ['theirs'] }));
  const appended = await append(one.application, head, (last) => ({
    ...last,
    superseded: [...last.superseded, 'mine'],
  }));
  expect(appended.entry).toMatchObject({ superseded: ['theirs', 'mine'], sequence: 2 });
  expect(one.entry()).toEqual(appended.entry);
});

test('a change that another run has made is not made again', async () => {
  const { one, head } = begun();
  const done = (before: JournalEntry): JournalEntry => ({ ...before, superseded: ['done'] });
  one.another(done);
  const appended = await append(one.application, head, (last) =>
    last.superseded.includes('done') ? undefined : done(last),
  );
  expect(appended).toEqual({ versionId: nextEntryId(head.versionId, head.entry.nonce), entry: one.entry() });
  expect(one.idOf(JOURNAL)).toBe(appended.versionId);
});

test('the end of a journal that lost its label is found again', async () => {
  const one = new OneApplication();
  one.store('seeded');
  const first = entry();
  await begin(one.application, first);
  one.another((before) => ({ ...before, superseded: ['one'] }));
  one.another((before) => ({ ...before, superseded: ['one', 'two'] }));
  const last = one.head();
  one.secretsManager.updateSecretVersionStage({
    SecretId: one.secretArn,
    VersionStage: JOURNAL,
    RemoveFromVersionId: last.versionId,
  });
  expect(await begin(one.application, first)).toEqual({ mine: false, head: last });
});

test('an entry that was written is not read back', async () => {
  const { one, head } = begun();
  const readVersion = jest.spyOn(one.application.ports.secrets, 'readVersion');
  expect(await claim(one.application, head, withHub(head.entry, 'mine', ADDED))).toBeDefined();
  expect(readVersion).not.toHaveBeenCalled();
});

test.each([
  ['cannot be read', 'no journal'],
  ['cannot be found yet', undefined],
])('nothing is written behind an entry of somebody else that %s', async (_, text) => {
  const { one, head } = begun();
  const { secrets } = one.application.ports;
  jest.spyOn(secrets, 'put').mockResolvedValue('taken');
  const version = text === undefined ? undefined : { versionId: 'theirs', text, createdAt: ADDED };
  jest.spyOn(secrets, 'readVersion').mockResolvedValue(version);
  await expect(append(one.application, head, (last) => withHub(last, 'mine', ADDED))).rejects.toMatchObject({
    operation: 'journal',
    code: 'Unreadable',
  });
});

test('a run gives up after it has lost the race for an entry twenty times', async () => {
  const { one, head } = begun();
  const { secrets } = one.application.ports;
  const put = jest.spyOn(secrets, 'put').mockResolvedValue('taken');
  const theirs = { versionId: 'theirs', text: formatEntry(entry({ nonce: 'theirs' })), createdAt: ADDED };
  jest.spyOn(secrets, 'readVersion').mockResolvedValue(theirs);
  await expect(append(one.application, head, (last) => withHub(last, 'mine', ADDED))).rejects.toMatchObject({
    operation: 'journal',
    code: 'TooManyCompetitors',
  });
  expect(put).toHaveBeenCalledTimes(20);
});

test('the end of a journal is looked for over a hundred entries at most, and only behind an entry of somebody else', async () => {
  const one = new OneApplication();
  const { secrets } = one.application.ports;
  const theirs = { versionId: 'theirs', text: formatEntry(entry({ nonce: 'theirs' })), createdAt: ADDED };
  const readVersion = jest.spyOn(secrets, 'readVersion').mockResolvedValue(theirs);
  await begin(one.application, entry());
  expect(readVersion).not.toHaveBeenCalled();
  jest.spyOn(secrets, 'put').mockResolvedValue('taken');
  await begin(one.application, entry());
  expect(readVersion).toHaveBeenCalledTimes(1 + 100);
});
