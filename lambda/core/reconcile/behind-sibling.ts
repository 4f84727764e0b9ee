import { isPropagated } from '../amazon/propagation';
import { failure, type Failure } from '../failure';
import type { JournalHead } from '../journal/log';
import type { Application } from '../ports';
import type { Member } from '../rotation/together';
import type { CurrentSecret } from '../secret/read';
import { toIso } from '../time';

/**
 * A sibling got a newer client secret while this one could not be read, or somebody stored the older one here. Where their
 * journals do not know each other's, one was lost, or a person stored one, and only a person knows which is newer.
 */
export function behindSibling(
  application: Application,
  { digest, createdAt }: CurrentSecret,
  head: JournalHead,
  siblings: readonly Member[],
): Failure | undefined {
  const now = application.ports.clock.now();
  // What somebody stored there since does not make it less ahead. By then the message of the newer one has come to this one too.
  const ahead = siblings.find(
    ({ head: { entry } }) => entry.superseded.includes(digest) && isPropagated(entry.baseline.since, now),
  );
  if (ahead !== undefined) {
    return needsPerson(
      application,
      `The application ${nameOf(ahead)} got a newer client secret for this client id on ${toIso(ahead.head.entry.baseline.since)}, and the one that is stored here stops working 7 days after that. Store the newer one here too`,
    );
  }
  const { baseline, superseded } = head.entry;
  const other = siblings.find(
    ({ known }) =>
      known.baseline.digest !== digest &&
      known.proven.includes(known.baseline.digest) &&
      isPropagated(known.baseline.storedAt ?? known.baseline.since, now) &&
      !superseded.includes(known.baseline.digest),
  );
  return other === undefined || !isPropagated(Math.max(baseline.since, createdAt), now)
    ? undefined
    : needsPerson(
        application,
        `The application ${nameOf(other)} holds another client secret for this client id, and neither journal knows which is newer. The older one stops working 7 days after the newer was made. Store the newer one in both`,
      );
}

function nameOf({ application: { settings } }: Member): string {
  return settings.id;
}

function needsPerson(application: Application, whatToDo: string): Failure {
  return {
    ...failure(application, 'needs-person'),
    next: `${whatToDo}: npx cdk-sp-api-secret-rotation seed --application ${application.settings.id}.`,
  };
}
