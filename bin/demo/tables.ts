import Table from 'cli-table3';
import type { LocalHub } from '../../test/fakes/local-hub';

/** One rotation of the fast motion. */
export interface PastRotation {
  readonly number: number;
  readonly requestedAt: string;
  readonly currentAfterSeconds: number;
  readonly expires: string;
  readonly previousWorksUntil: string;
}

/** One version of the secret, without its content. */
interface VersionRow {
  readonly version: string;
  readonly created: string;
  readonly labels: string;
  readonly holds: 'client secret' | 'journal entry';
}

interface QueueRow {
  readonly queue: string;
  readonly messages: number;
}

export function versionRows(hub: LocalHub, application: string): VersionRow[] {
  return hub.versions(application).map(({ versionId, createdAt, labels, text }) => ({
    version: versionId.slice(0, 12),
    created: new Date(createdAt).toISOString(),
    labels: labels.join(', '),
    holds: text?.startsWith('{"version":') === true ? 'journal entry' : 'client secret',
  }));
}

export function queueRows(hub: LocalHub): QueueRow[] {
  return (['Notification', 'DeadLetter', 'Unclaimed'] as const).map((queue) => ({
    queue,
    messages: hub.bodies(queue).length,
  }));
}

/** Shows the versions that have a label and counts the others, which Secrets Manager deletes. */
export function versionTable(rows: readonly VersionRow[]): string {
  const labelled = rows.filter(({ labels }) => labels !== '');
  return `${table(labelled)}\n  and ${rows.length - labelled.length} versions without a label, which Secrets Manager deletes later`;
}

export function rotationLine({
  number,
  requestedAt,
  currentAfterSeconds,
  expires,
  previousWorksUntil,
}: PastRotation): string {
  return (
    `rotation ${String(number).padStart(2)}: requested ${day(requestedAt)}, current ${currentAfterSeconds} s later, ` +
    `expires ${day(expires)}, the one before worked until ${day(previousWorksUntil)}`
  );
}

export function table(rows: readonly object[]): string {
  const [first = {}] = rows;
  const drawn = new Table({ head: Object.keys(first), style: { head: [], border: [] } });
  drawn.push(...rows.map((row) => Object.values(row).map(String)));
  return drawn.toString();
}

function day(time: string): string {
  return time.slice(0, 10);
}
