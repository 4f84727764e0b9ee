import { DAY } from '../../lambda/core/time';
import type { World } from './world';

const ROUNDS = 6;

/** Ends all faults and runs some weeks more. Either the application is healthy then, or after a person did what the hub asked for. */
export async function recover(world: World): Promise<void> {
  world.log(() => 'all faults end');
  world.faults.isOver = true;
  for (let round = 0; round < ROUNDS; round++) {
    await runQuietDays(world);
    if (world.eventLog.violation !== undefined) {
      return;
    }
    const problem = findProblem(world);
    if (problem === undefined) {
      world.eventLog.count(`healthy again after help was given ${round} times`);
      return;
    }
    world.log(() => `not healthy: ${problem}`);
    const isAsked = world.hub.answer?.kind !== undefined || world.hub.deadLetters.inspect().length > 0;
    // Their consumers fail, and so people look.
    const isUnknowable = world.invariants.reports.isEndUnknowable(world.currentSecret() ?? '');
    if (!isAsked && !isUnknowable) {
      world.invariants.violate('healthy-again', `${problem}, and nothing asks for a person`);
      return;
    }
    world.operators.help();
  }
  world.invariants.violate('healthy-again', `${findProblem(world) ?? ''}, although people helped`);
}

async function runQuietDays(world: World): Promise<void> {
  const { timeline } = world;
  world.operators.repairDeployment();
  world.faults.noteDisturbance();
  world.sweepHourlyFor(DAY);
  await timeline.run(world.now() + 9 * DAY);
  const isUnderWay = ['requested', 'in-flight', 'promoted'].includes(world.hub.answer?.outcome ?? '');
  const hasEnded = !world.truth.works(world.currentSecret());
  if ((isUnderWay || hasEnded) && world.eventLog.violation === undefined) {
    // A rotation became due just now, or a client secret ended since the last sweep: quiet days have few.
    world.sweepHourlyFor(DAY);
    await timeline.run(world.now() + DAY);
  }
}

/** What is not as it should be; `undefined` when the application is healthy. */
export function findProblem(world: World): string | undefined {
  const { truth } = world;
  const current = world.currentSecret();
  if (!hasHealthyAnswer(world)) {
    const { outcome = 'none', kind = '' } = world.hub.answer ?? {};
    return `the answer is ${outcome} ${kind}`;
  }
  if (!truth.isAnnounced && truth.journalLostAt < truth.promotedAt) {
    return `${world.nameOf(current)} was not announced to consumers`;
  }
  if (!truth.works(current)) {
    return `${world.nameOf(current)} is current and does not work`;
  }
  const waiting = newestWaiting(world, current);
  return waiting === undefined ? undefined : `${world.nameOf(waiting)} is still in a queue`;
}

function hasHealthyAnswer({ hub }: World): boolean {
  const { outcome, guard, kind, registered, next } = hub.answer ?? {};
  if (kind === 'needs-person' && registered === false && next?.includes('nothing has proved yet') === true) {
    // Nothing is wrong: a rotation comes near, and nothing came through the queue of the hub that took over.
    return true;
  }
  if (outcome === 'not-rotated' && guard === 'notify-only') {
    return true;
  }
  return (
    kind === undefined &&
    (outcome === 'healthy' || (outcome === 'not-rotated' && ['overlap', 'paused', 'window'].includes(guard ?? '')))
  );
}

/** A client secret that no newer one replaces, in a message that nobody has processed. */
function newestWaiting({ amazon, hub, truth }: World, current: string | undefined): string | undefined {
  const messages = [hub.queue, hub.deadLetters].flatMap((queue) => queue.inspect());
  return amazon
    .secretsOf(truth.clientId)
    .find(
      ({ value }) =>
        value !== current && !truth.isNewer(current, value) && messages.some(({ body }) => body.includes(value)),
    )?.value;
}
