import { nextEntryId } from '../../../lambda/core/digest';
import { withHub, type JournalEntry } from '../../../lambda/core/journal/entry';
import { append, begin, claim } from '../../../lambda/core/journal/log';
import type { JournalHead } from '../../../lambda/core/secret/read';
import { ADDED, CLIENT_ID, entry, HUB } from '../entries';
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
  one.another((before) => ({ ...before, known: ['theirs'] }));
  const appended = await append(one.application, head, (last) => ({ ...last, known: [...last.known, 'mine'] }));
  expect(appended.entry).toMatchObject({ known: ['theirs', 'mine'], seq: 2 });
  expect(one.entry()).toEqual(appended.entry);
});

test('a change that another run has made is not made again', async () => {
  const { one, head } = begun();
  const known = (before: JournalEntry): JournalEntry => ({ ...before, known: ['done'] });
  one.another(known);
  const appended = await append(one.application, head, (last) =>
    last.known.includes('done') ? undefined : known(last),
  );
  expect(appended).toEqual({ versionId: nextEntryId(head.versionId), entry: one.entry() });
  expect(one.idOf(JOURNAL)).toBe(appended.versionId);
});

test('the end of a journal that lost its label is found again', async () => {
  const one = new OneApplication();
  one.store('seeded');
  const sight = { hub: HUB, clientId: CLIENT_ID, key: '', now: ADDED, digest: 'seeded', since: ADDED };
  await begin(one.application, sight);
  one.another((before) => ({ ...before, known: ['one'] }));
  one.another((before) => ({ ...before, known: ['one', 'two'] }));
  const last = one.head();
  one.secretsManager.updateSecretVersionStage({
    SecretId: one.secretArn,
    VersionStage: JOURNAL,
    RemoveFromVersionId: last.versionId,
  });
  expect(await begin(one.application, sight)).toEqual(last);
});
