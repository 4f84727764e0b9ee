import pMap from 'p-map';
import { OVERLAP_DAYS } from '../../../lib/contract/amazon';
import { isPropagated } from '../amazon/propagation';
import { needsAttention, type ApplicationAnswer } from './answer';
import type { Application, Clock } from '../ports';
import { withDeadline } from '../deadline';
import { readTogether } from '../secret/current-versions';
import { CLOCK_SKEW, DAY, SECOND, type Instant } from '../time';
import { reconcile } from './one';
import { onlyLooks, type RotateRequest } from '../rotation/request';

/** How many applications are looked at together. */
const CONCURRENCY = 20;

/** How long one application may take before it is left to the next sweep: a rotation's calls at their time-outs. */
const BUDGET = 120 * SECOND;

/** Asked for an application that the hub does not have. */
export class UnknownApplication extends Error {
  override readonly name = 'UnknownApplication';
}

/**
 * Looks at all applications, or at the one asked for. An application that fails or hangs does not delay or hide another.
 *
 * @param deadline when the whole run must be over
 * @throws {UnknownApplication}
 */
export async function reconcileAll(
  applications: readonly Application[],
  request: RotateRequest,
  clock: Clock,
  deadline: Instant,
): Promise<ApplicationAnswer[]> {
  const isForAll = request.application === undefined && request.isFromBus !== true;
  const asked = applications.filter(({ settings }) => isForAll || settings.id === request.application);
  if (asked.length === 0 && request.isFromBus === true) {
    return [];
  }
  if (asked.length === 0) {
    throw new UnknownApplication(
      'this hub has no application of that name; nothing was read or changed. ' +
        `It has: ${applications.map(({ settings }) => settings.id).join(', ')}`,
    );
  }
  // One alone is not read with those beside it.
  const readCurrent = readTogether(asked);
  const answers = await pMap(
    asked,
    (application) => {
      const mine = Math.min(deadline, clock.now() + BUDGET);
      return reconcile({ ...application, readCurrent, ports: withDeadline(application.ports, mine) }, request);
    },
    { concurrency: CONCURRENCY },
  );
  return onlyLooks(request) ? namingSiblings(answers, asked) : answers;
}

/** Several applications here may be one at Amazon. */
async function namingSiblings(
  answers: readonly ApplicationAnswer[],
  asked: readonly Application[],
): Promise<ApplicationAnswer[]> {
  const directory = (await asked[0]?.directory()) ?? [];
  return answers.map((answer) => {
    const siblings = directory
      .filter(
        ([{ settings }, stored]) =>
          typeof stored !== 'string' && stored.clientId === answer.clientId && settings.id !== answer.application,
      )
      .map(([{ settings }]) => settings.id);
    return siblings.length === 0
      ? answer
      : { ...answer, next: `${answer.next} It shares its client id with ${siblings.join(', ')}.` };
  });
}

/** Days until the client secret of an application stops working. */
interface DaysToExpiry {
  readonly application: string;
  readonly days: number;
  readonly estimated: boolean;
}

/** Gauges over a whole hub. */
export interface Gauges {
  /** The soonest first. Of those that could be read, and whose next client secret is not on its way. */
  readonly expiries: readonly DaysToExpiry[];
  /** Applications whose expiry is not known, because they could not be read. */
  readonly unreadable: number;
  readonly needingAttention: number;
}

export function gauges(answers: readonly ApplicationAnswer[], now: Instant): Gauges {
  const read = answers.filter(({ worksUntil }) => worksUntil !== undefined);
  const expiries = read.flatMap((answer) => {
    const { application, worksUntil = '', worksUntilEstimated } = answer;
    const days = (Date.parse(worksUntil) - now) / DAY;
    return isNextOnItsWay(answer, now) ? [] : [{ application, days, estimated: worksUntilEstimated === true }];
  });
  return {
    expiries: expiries.sort((one, other) => one.days - other.days),
    unreadable: answers.length - read.length,
    needingAttention: answers.filter(needsAttention).length,
  };
}

/**
 * In the first hours of an overlap the next client secret is on its way, as it should be: no alarm is to ring for the end of the one
 * in use. A stall is none of these hours, nor is a further attempt, days after the first.
 */
function isNextOnItsWay({ outcome, worksUntil = '', lastRotation }: ApplicationAnswer, now: Instant): boolean {
  return (
    outcome !== 'stalled' &&
    lastRotation !== undefined &&
    lastRotation.outcome !== 'refused' &&
    !isPropagated(Date.parse(lastRotation.at), now) &&
    Date.parse(worksUntil) <= now + OVERLAP_DAYS * DAY + CLOCK_SKEW &&
    !isPropagated(Date.parse(worksUntil) - OVERLAP_DAYS * DAY, now)
  );
}
