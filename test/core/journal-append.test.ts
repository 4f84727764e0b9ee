import type { Application } from '../../lambda/core/application';
import { nextEntryId } from '../../lambda/core/digest';
import { formatEntry, parseEntry, withHub, type JournalEntry } from '../../lambda/core/journal';
import { append, claim } from '../../lambda/core/journal-append';
import type { NewVersion, SecretStore } from '../../lambda/core/ports';
import { look } from '../../lambda/core/state';
import { ADDED, entry } from './entries';

const HEAD = { versionId: 'head', entry: entry() };

/** An application whose versions are kept here. */
function application(secrets: Partial<SecretStore>): Application {
  const ports = { secrets, clock: { now: () => ADDED }, nonce: () => 'mine' } as unknown as Application['ports'];
  return { ports } as Application;
}

/** Answers that the id is taken: by `theirs`, or by what was just written, when the answer to an earlier try was lost. */
function taken(theirs?: JournalEntry): Application {
  const versions = new Map(theirs === undefined ? [] : [[nextEntryId('head'), formatEntry(theirs)]]);
  return application({
    put: ({ versionId, text }: NewVersion) => {
      const isTaken = theirs === undefined || versions.has(versionId);
      if (!versions.has(versionId)) {
        versions.set(versionId, text);
      }
      return Promise.resolve(isTaken ? 'taken' : 'written');
    },
    readVersion: (versionId) =>
      Promise.resolve({ versionId, text: versions.get(versionId) ?? '', createdAt: ADDED, labels: [] }),
  });
}

test('an entry whose answer was lost is known by its nonce', async () => {
  const claimed = await claim(taken(), HEAD, withHub(HEAD.entry, 'other', ADDED));
  expect(claimed?.entry.hub).toBe('other');
});

test('an entry that another run wrote is not claimed', async () => {
  const theirs = { ...withHub(HEAD.entry, 'theirs', ADDED), nonce: 'theirs' };
  expect(await claim(taken(theirs), HEAD, withHub(HEAD.entry, 'other', ADDED))).toBeUndefined();
});

test('a change is decided again from the entry of another run', async () => {
  const theirs = { ...HEAD.entry, nonce: 'theirs', known: ['theirs'], seq: 7 };
  const appended = await append(taken(theirs), HEAD, (last) => ({ ...last, known: [...last.known, 'mine'] }));
  expect(appended.entry).toMatchObject({ known: ['theirs', 'mine'], seq: 8 });
  expect(parseEntry(formatEntry(appended.entry))).toEqual(appended.entry);
});

test('a change that another run has made is not made again', async () => {
  const theirs = { ...HEAD.entry, nonce: 'theirs', known: ['done'] };
  const appended = await append(taken(theirs), HEAD, (last) =>
    last.known.includes('done') ? undefined : { ...last, known: ['done'] },
  );
  expect(appended).toEqual({ versionId: nextEntryId('head'), entry: theirs });
});

test('a journal that a read does not find yet is no unreadable one', async () => {
  const current = { versionId: 'current', text: '{"clientId":"c","clientSecret":"s"}', createdAt: ADDED, labels: [] };
  const behind = application({
    describe: () =>
      Promise.resolve({
        labels: new Map([
          ['AWSCURRENT', 'current'],
          ['SpApiRotationJournal', 'journal'],
        ]),
      } as unknown as Awaited<ReturnType<SecretStore['describe']>>),
    readLabel: (label) => Promise.resolve(label === 'AWSCURRENT' ? current : undefined),
    readVersion: () => Promise.resolve(undefined),
  });
  await expect(look(behind)).rejects.toMatchObject({ code: 'ReadLagsBehind' });
});
