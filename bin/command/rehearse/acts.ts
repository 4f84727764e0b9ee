import { CommandFailed, EXIT } from '../exit-code';
import type { Progress, Scene } from './scene';

/** How long the played LWA does not know a new client secret, in the act about that. */
const PROPAGATION_SECONDS = 20;

/** Age of the client secret that expires soon: between two notices, which Amazon sends 15 and 7 days before. */
const OLD_DAYS = 170;

/** How long a message is on its way while somebody edits the secret. */
const DELAY_SECONDS = 8;

/** One thing that may happen, and what must come of it. */
export interface Act {
  /** For `--leave-out`, and in JSON. */
  readonly name: string;
  readonly title: string;
  /** Returns a line that says what was seen; throws where something else was. */
  readonly play: (scene: Scene, cast: Cast, progress: Progress) => Promise<string>;
}

/** The applications that a rehearsal has. */
export interface Cast {
  /** Rotates again and again. */
  readonly first: string;
  /** Its client secret expires soon. `undefined`: there is only one application. */
  readonly second: string | undefined;
}

/** In this order: each begins where the one before ended. */
export const ACTS: readonly Act[] = [
  {
    name: 'seed',
    title: 'Seed: Amazon knows the applications, and their secrets hold a first client secret',
    play: async ({ amazon }, { first, second }) => {
      await amazon.ask({ action: 'behave', propagationSeconds: 0 });
      await amazon.ask({ action: 'seed', application: first });
      if (second !== undefined) {
        await amazon.ask({ action: 'seed', application: second, ageDays: OLD_DAYS });
      }
      await amazon.ask({ action: 'edit', application: first, key: 'note', value: 'no business of the rotation' });
      return `${first} is new${second === undefined ? '' : `; the client secret of ${second} expires in ten days`}`;
    },
  },
  {
    name: 'check',
    title: 'Check: queue, policy and token are in order',
    play: async (scene, { first }, progress) => {
      const { next } = await scene.until(
        () => scene.check(first),
        ({ outcome, kind }) => outcome === 'healthy' && kind === undefined,
        ({ outcome, kind, next: what }) => {
          progress(`${kind ?? outcome}: ${what}`);
        },
        'the check does not find all well',
      );
      return next;
    },
  },
  {
    name: 'rotate',
    title: 'Rotate: Amazon makes a new client secret, and it becomes current',
    play: (scene, cast, progress) => rotateOnce(scene, cast, progress),
  },
  {
    name: 'slow',
    title: `LWA does not know the new client secret for ${PROPAGATION_SECONDS} seconds: until then the one in use stays`,
    play: async (scene, cast, progress) => {
      await scene.amazon.ask({ action: 'behave', propagationSeconds: PROPAGATION_SECONDS });
      try {
        return await rotateOnce(scene, cast, progress);
      } finally {
        await scene.amazon.ask({ action: 'behave', propagationSeconds: 0 });
      }
    },
  },
  {
    name: 'lost-answer',
    title: 'The answer to the rotation is lost, the new client secret is not',
    play: async (scene, cast, progress) => {
      await scene.amazon.ask({ action: 'next answer', application: cast.first, answer: 'unclear after rotating' });
      return rotateOnce(scene, cast, progress, 'ambiguous');
    },
  },
  {
    name: 'duplicate',
    title: 'The message comes three times',
    play: async (scene, cast, progress) => {
      await scene.amazon.ask({ action: 'next delivery', copies: 3 });
      const text = await rotateOnce(scene, cast, progress);
      const { versionId } = await scene.status(cast.first);
      await scene.untilQueueIsEmpty(cast.first);
      await requireVersion(scene, cast.first, versionId);
      return `${text}, once`;
    },
  },
  {
    name: 'edit',
    title: 'Somebody edits another key of the secret while the new client secret is on its way',
    play: async (scene, cast, progress) => {
      const value = `edited at ${new Date().toISOString()}`;
      await scene.amazon.ask({ action: 'next delivery', delaySeconds: DELAY_SECONDS });
      const { rotations } = await scene.amazon.look(cast.first);
      await scene.rotate(cast.first, 'requested', progress);
      await scene.amazon.ask({ action: 'edit', application: cast.first, key: 'note', value });
      const { others } = await scene.untilInstalled(cast.first, rotations + 1, progress);
      if (others.note !== value) {
        throw new CommandFailed(EXIT.needsAttention, 'the edit is lost');
      }
      return 'the new client secret is current, and the edit is kept';
    },
  },
  {
    name: 'stale',
    title: 'An old message comes once more',
    play: async (scene, { first }) => {
      const { versionId } = await scene.status(first);
      await scene.amazon.ask({ action: 'send', application: first, message: 'stale' });
      await scene.untilQueueIsEmpty(first);
      await requireVersion(scene, first, versionId);
      return 'it changes nothing';
    },
  },
  {
    name: 'stranger',
    title: 'A stranger registers the queue, and rotates',
    play: async (scene, { first }) => {
      const { versionId } = await scene.status(first);
      const { queues: before } = await scene.amazon.look(first);
      await scene.amazon.ask({ action: 'send', application: first, message: 'stranger' });
      await scene.until(
        () => scene.amazon.look(first),
        ({ queues: { unclaimed } }) => unclaimed.visible > before.unclaimed.visible,
        () => undefined,
        'the message of the stranger is not in the unclaimed queue',
      );
      await requireVersion(scene, first, versionId);
      return 'the unclaimed queue keeps the message; nothing else changes';
    },
  },
  {
    name: 'expiry-notice',
    title: 'Amazon announces that a client secret expires: the hub rotates by itself',
    play: async (scene, { second }, progress) => {
      if (second === undefined) {
        throw new CommandFailed(EXIT.wrongUsage, 'the rehearsal has one application only, and needs a second one here');
      }
      const { rotations } = await scene.amazon.look(second);
      await scene.amazon.ask({ action: 'send', application: second, message: 'expiry notice' });
      await scene.untilInstalled(second, rotations + 1, progress);
      return `the new client secret of ${second} is current`;
    },
  },
  {
    name: 'dead-letter',
    title: 'A message that nobody understands: it is kept, and becomes a dead letter',
    play: async (scene, { first }, progress) => {
      await scene.amazon.ask({ action: 'send', application: first, message: 'not understood' });
      await scene.until(
        () => scene.amazon.look(first),
        ({ queues: { deadLetter } }) => deadLetter.visible > 0,
        ({ queues: { notification } }) => {
          progress(`waits: ${notification.visible} visible, ${notification.hidden} hidden until the next try`);
        },
        'the message is not in the dead-letter queue',
        6 * 60_000,
      );
      return 'the dead-letter queue keeps it';
    },
  },
  {
    name: 'alarm',
    title: 'The alarm for dead letters rings, and is silent again when they are gone',
    play: async (scene, { first }, progress) => {
      await scene.untilAlarm('ALARM', progress);
      await scene.until(
        async () => {
          await scene.amazon.ask({ action: 'remove dead letters', application: first });
          return scene.amazon.look(first);
        },
        ({ queues: { deadLetter } }) => deadLetter.visible + deadLetter.hidden === 0,
        () => undefined,
        'the dead letters are not gone',
      );
      progress('it rang, and the dead letters are gone');
      await scene.untilAlarm('OK', progress);
      return 'it rang, and ended';
    },
  },
];

async function rotateOnce(scene: Scene, { first }: Cast, progress: Progress, outcome = 'requested'): Promise<string> {
  const { rotations } = await scene.amazon.look(first);
  await scene.rotate(first, outcome, progress);
  await scene.untilInstalled(first, rotations + 1, progress);
  return `the new client secret of ${first} is current`;
}

/** Nothing was installed meanwhile. */
async function requireVersion(scene: Scene, application: string, versionId: string | undefined): Promise<void> {
  const now = await scene.status(application);
  const { current } = await scene.amazon.look(application);
  if (now.versionId !== versionId || current !== 'newest') {
    throw new CommandFailed(EXIT.needsAttention, `the secret of ${application} changed, and must not have`);
  }
}
