import type { FaultEffect } from 'local-cloud';
import { sample } from '../sample';
import { DAY, HOUR, openScene, type LocalHub } from './scene';

/** Every way in which one call can fail, and how often in a row: three times exhausts the SDK's own retries. */
const FAILURES: readonly [string, FaultEffect | 'kill-before' | 'kill-after', number][] = [
  ['the function is killed before it', 'kill-before', 1],
  ['the function is killed after it', 'kill-after', 1],
  ['it is throttled', 'throttle', 3],
  ['the service fails', 'server-error', 3],
  ['it is denied', 'access-denied', 1],
  ['its answer is lost once, and the SDK asks again', 'lost-answer', 1],
  ['it times out without effect', 'timeout-before', 3],
  ['it times out after its effect', 'timeout-after', 3],
];

/** How long after a fault each look at the application is taken: past an hour's wait, and past the ladder's 72. */
const LOOKS = [HOUR, HOUR, HOUR, DAY, DAY, DAY, DAY];

type FunctionName = 'Rotate' | 'Store';

let scene: LocalHub;
beforeEach(async () => {
  scene = await openScene({ shorterTimeOuts: true });
  await scene.sweep();
});
afterEach(() => scene.close());

function logicalId(name: FunctionName): string {
  return name === 'Rotate' ? scene.rotateFunction : scene.storeFunction;
}

function principal(name: FunctionName): string {
  return scene.stack.function(logicalId(name)).name;
}

/** One rotation by a person, with its delivery. What the function answers does not matter: it may be dead. */
async function rotation(): Promise<void> {
  await scene.invoke({ action: 'rotate', application: 'Shop' });
  await scene.deliver();
}

async function callsOf(name: FunctionName): Promise<number> {
  const before = scene.services.calls.length;
  await rotation();
  return scene.services.calls.slice(before).filter((call) => call.principal === principal(name)).length;
}

function expectWorkingSecret(): void {
  const secret = scene.clientSecret('AWSCURRENT') ?? '';
  expect(scene.amazon.model.callSellingPartnerApi(scene.clientId(), secret)).toEqual({ works: true });
}

/** Lets hours and days pass, until the application is healthy again. */
async function recover(): Promise<string> {
  let outcome = '';
  for (const wait of LOOKS) {
    await scene.pass(wait);
    await scene.drain();
    outcome = (await scene.sweep()).outcome;
    await scene.deliver();
    expectWorkingSecret();
    if (outcome === 'healthy' && scene.clientSecret('AWSCURRENT') === scene.newestIssued()) {
      break;
    }
  }
  return outcome;
}

describe.each<FunctionName>(['Rotate', 'Store'])('whichever call of the %s function fails', (name) => {
  test.each(FAILURES)('because %s: one rotation, its secret current, nothing lost', async (because, failure, times) => {
    const calls = await callsOf(name);
    expect(calls).toBeGreaterThan(7);
    const each = Array.from({ length: calls }, (_, index) => index + 1);
    // Other calls for other failures.
    const offset = FAILURES.findIndex(([one]) => one === because);
    for (const nth of sample(each, 8, offset)) {
      await scene.pass(8 * DAY);
      await scene.drain();
      await scene.sweep();
      const issued = scene.issued().length;
      const kill = (): void => void scene.stack.function(logicalId(name)).killRunning();
      const effect: FaultEffect =
        failure === 'kill-before' || failure === 'kill-after'
          ? { kill, when: failure === 'kill-before' ? 'before' : 'after' }
          : failure;
      scene.services.faults.add({ principal: principal(name), nth, times, effect });

      await rotation();
      expectWorkingSecret();
      scene.services.faults.clear();
      const outcome = await recover();
      if (scene.issued().length === issued) {
        // Refused before anything was asked of Amazon: nothing was due, and only the person's wish is lost.
        await rotation();
        await recover();
      }

      const told = `call ${nth} of ${calls}`;
      expect([told, outcome]).toEqual([told, 'healthy']);
      expect([told, scene.issued().length]).toEqual([told, issued + 1]);
      expect(scene.clientSecret('AWSCURRENT')).toBe(scene.newestIssued());
      expect(scene.clientSecret('AWSPREVIOUS')).toBe(scene.issued().at(-2));
      expect(scene.bodies('Notification')).toEqual([]);
      expect(scene.bodies('DeadLetter')).toEqual([]);
    }
  });
});
