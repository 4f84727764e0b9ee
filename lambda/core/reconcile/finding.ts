import { failure, failureOf } from '../failure';
import { append } from '../journal/log';
import { withFinding } from '../journal/transitions';
import type { Application } from '../ports';
import type { RotateRequest } from '../rotation/request';
import { toIso } from '../time';
import { failed, type Conclusion } from './answer';

/*
 * What only a sweep can find: it asks the queue, LWA and Amazon, and it writes. The journal keeps the kind of it for those who ask
 * for the status, so that they see what rang.
 */

/** Written down by a run that may write, where it differs from what the run before it found. */
export async function rememberFinding(
  application: Application,
  { action }: Pick<RotateRequest, 'action'>,
  conclusion: Conclusion,
): Promise<Conclusion> {
  const { subject, kind, outcome } = conclusion;
  const { head } = subject;
  // A rotation that a guard held back looked at nothing. The journal is another hub's where that took the application over.
  const isSilent = action === 'rotate' && outcome === 'not-rotated';
  if (head === undefined || isSilent || head.entry.hub !== application.hub) {
    return conclusion;
  }
  try {
    const now = application.ports.clock.now();
    const written = await append(application, head, (entry) => withFinding(entry, kind, now));
    return { ...conclusion, subject: { ...subject, head: written } };
  } catch (error) {
    return kind === undefined ? failed(subject, failureOf(error)) : conclusion;
  }
}

/** For those who looked no further than the secret: what the last sweep found. As there, a stall is told as one. */
export function asFound(application: Application, conclusion: Conclusion): Conclusion {
  const { subject, outcome, kind } = conclusion;
  const { finding, rotation } = subject.head?.entry ?? {};
  if (outcome === 'stalled' || finding?.kind === undefined || finding.kind === kind) {
    return conclusion;
  }
  const found = failure(application, finding.kind);
  // What Amazon refused a rotation for, nothing but a rotation can ask.
  const isRefusal = rotation?.outcome === 'refused' && rotation.kind === finding.kind;
  const where = isRefusal
    ? `Amazon refused a rotation for this first on ${toIso(finding.since)}; "check" does not see it: after the fix, another rotation shows whether it is still so.`
    : `A sweep found this first on ${toIso(finding.since)}; "check" looks whether it is still so, and says more.`;
  return failed(subject, { ...found, next: `${found.next} ${where}` });
}
