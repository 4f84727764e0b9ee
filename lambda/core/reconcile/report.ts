import { DETAIL_TYPE, type EventDetail } from '../../../lib/contract/event';
import type { FailureKind } from '../../../lib/contract/failure-kind';
import { runbookLink, type RunbookSection } from '../../../lib/contract/operators';
import { eventSubject, publishBestEffort } from '../event';
import type { Application } from '../ports';
import { endOfOverlapWithoutSuccessor } from '../rotation/dates';
import type { RotateRequest } from '../rotation/request';
import { DAY, SECOND, toIso } from '../time';
import { endOf, type Conclusion, type Subject } from './answer';

/** Logs, and puts on the bus what needs a person: in each sweep for as long as it lasts, since events get lost. */
export async function report(
  application: Application,
  { requestedBy }: RotateRequest,
  conclusion: Conclusion,
): Promise<void> {
  const { subject, outcome, kind, section, next, failure } = conclusion;
  const { clientId, versionId } = subject;
  const end = endOf(subject);
  application.ports.observe({
    what: outcome === 'stalled' ? 'rotation stalled' : 'application looked at',
    application: application.settings.id,
    clientId,
    outcome,
    kind,
    versionId,
    requestedBy,
    requestId: failure?.requestId,
    operation: failure?.operation,
    code: failure?.code,
    position: failure?.position,
    worksUntil: end && toIso(end.at),
    next,
    section,
  });
  warnOfEnd(application, conclusion);
  // Without its settings nobody knows which secret an event would be about.
  if (kind !== undefined && application.misconfigured === undefined) {
    await publishFailed(application, subject, kind, section);
  }
}

/** The last day of a client secret whose successor is not in its place. */
function warnOfEnd(application: Application, { subject, next }: Conclusion): void {
  const { clock, observe } = application.ports;
  const { clientId, head, digest } = subject;
  const end = head && endOfOverlapWithoutSuccessor(head.entry, digest ?? head.entry.baseline.digest);
  if (end !== undefined && clock.now() >= end - DAY) {
    observe({
      what: 'client secret dying',
      application: application.settings.id,
      clientId,
      seconds: Math.round((end - clock.now()) / SECOND),
      next: `The client secret in use stops working on ${toIso(end)}, and the new one is not in its place. ${next}`,
    });
  }
}

export async function publishFailed(
  application: Application,
  subject: Subject,
  kind: FailureKind,
  section?: RunbookSection,
): Promise<void> {
  const { clientId, versionId = '', head } = subject;
  const isAboutRotation = kind === 'stalled' || kind === 'needs-person';
  const rotationId = isAboutRotation ? head?.entry.rotation?.id : undefined;
  await publishBestEffort(application, kind === 'stalled' ? DETAIL_TYPE.stalled : DETAIL_TYPE.failed, {
    ...eventSubject(application, clientId, rotationId ?? versionId),
    kind,
    ...(section && { runbook: runbookLink(section) }),
    ...known(subject),
  });
}

function known(subject: Subject): Partial<EventDetail> {
  const [{ head }, end] = [subject, endOf(subject)];
  if (head === undefined || end === undefined) {
    return {};
  }
  const { newest, rotation } = head.entry;
  return {
    rotationId: rotation?.id ?? newest?.rotationId,
    clientSecretExpiryTime: toIso(end.at),
    oldClientSecretExpiryTime: newest === null ? undefined : toIso(newest.oldExpiry),
  };
}
