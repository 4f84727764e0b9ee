import { digestOf, nextEntryId, stagedVersionId } from '../../lambda/core/digest';
import { parseEntry } from '../../lambda/core/journal/entry';
import type { World } from '../simulation/world';
import type { Memory, Moment } from './memory';

/**
 * What a moment is but for the ids of versions and the nonces, which only tell who wrote when: two moments with one essence go on
 * alike. What ids are to one another is kept: which entry would follow which, and as what a client secret would be staged.
 */
export function essenceOf(memory: Memory, moment: Moment, world: World): string {
  memory.load(moment);
  const { amazon, secretsManager, settings, truth } = world;
  const versions = secretsManager.list().flatMap((arn) => secretsManager.inspect(arn));
  const ids = new RegExp(versions.map(({ versionId }) => versionId).join('|'), 'g');
  const nameless = (text: string): string => text.replace(ids, '').replace(NONCE, '');
  const ordered = versions
    .map(({ versionId, labels, text = '' }) => ({ versionId, words: `${labels.join()} ${nameless(text)}` }))
    .sort((one, other) => (one.words < other.words ? -1 : 1));
  const names = new Map(ordered.map(({ versionId }, index) => [versionId, `version ${index}`]));
  const digests = amazon.secretsOf(truth.clientId).map(({ value }) => digestOf(value));
  const relations = versions.flatMap(({ versionId, text }) => {
    const entry = parseEntry(text);
    const related =
      entry === undefined
        ? digests.map((digest) => stagedVersionId(digest, versionId, settings.clientSecretField))
        : [nextEntryId(versionId, entry.nonce)];
    return related.map((id, index) => `${names.get(versionId) ?? ''} ${index} ${names.get(id) ?? ''}`);
  });
  const renamed = (text: string): string => text.replace(ids, (id) => names.get(id) ?? id).replace(NONCE, '');
  return [memory.describe(moment, renamed), ...relations.sort()].join('\n');
}

const NONCE = /"nonce":"[^"]*"/g;
