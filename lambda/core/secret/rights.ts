import { formatEntry } from '../journal/entry';
import type { JournalHead } from '../journal/log';
import { LABEL, type Application } from '../ports';
import type { SecretState } from './read';

/**
 * Proves that this function may write versions and move labels, by writes that change no value: the last journal entry once more
 * under its own id, and a label that means nothing from one version to another. A policy that forbids one of them would show only
 * when a new client secret is to be made current, and the old one ends.
 *
 * @throws {CallFailed} where it may not
 */
export async function proveRights(
  { ports: { secrets } }: Application,
  { current, description }: SecretState,
  { versionId, entry }: JournalHead,
): Promise<void> {
  const holder = description.labels.get(LABEL.probe);
  await Promise.all([
    // Secrets Manager checks permissions before it compares: also an entry that is spelled otherwise proves the right.
    secrets.put({ versionId, text: formatEntry(entry), label: LABEL.journal }),
    // So does a label that another run moved meanwhile.
    secrets.moveLabel(LABEL.probe, holder === versionId ? current.versionId : versionId, holder),
  ]);
}
