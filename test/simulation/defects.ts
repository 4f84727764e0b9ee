import { createRequire } from 'node:module';
import { DETAIL_TYPE } from '../../lib/contract/event';
import { parseEntry } from '../../lambda/core/journal/entry';
import { LABEL, type Ports } from '../../lambda/core/ports';
import { CLOCK_SKEW } from '../../lambda/core/time';

/** The modules of the core in which a defect replaces functions. */
interface Modules {
  readonly 'amazon/answers': typeof import('../../lambda/core/amazon/answers');
  readonly deadline: typeof import('../../lambda/core/deadline');
  readonly digest: typeof import('../../lambda/core/digest');
  readonly 'journal/log': typeof import('../../lambda/core/journal/log');
  readonly 'journal/order': typeof import('../../lambda/core/journal/order');
  readonly 'journal/pause': typeof import('../../lambda/core/journal/pause');
  readonly 'journal/transitions': typeof import('../../lambda/core/journal/transitions');
  readonly 'messages/message': typeof import('../../lambda/core/messages/message');
  readonly 'messages/new-secret': typeof import('../../lambda/core/messages/new-secret');
  readonly 'rotation/preflight': typeof import('../../lambda/core/rotation/preflight');
  readonly 'rotation/request': typeof import('../../lambda/core/rotation/request');
  readonly 'rotation/window': typeof import('../../lambda/core/rotation/window');
  readonly 'secret/announce': typeof import('../../lambda/core/secret/announce');
  readonly 'secret/promote': typeof import('../../lambda/core/secret/promote');
  readonly 'secret/read': typeof import('../../lambda/core/secret/read');
  readonly 'secret/sync': typeof import('../../lambda/core/secret/sync');
}

/** A deliberate defect that the simulation must detect. */
export interface Defect {
  readonly what: string;
  /** Puts the defect in. The modules that use the replaced functions must be loaded after it. */
  readonly install: () => void;
  /** The seed of a world that shows it, where nothing smaller has what it takes: that is looked at first. */
  readonly world?: number;
}

const load = createRequire(__filename);

/** A module of the core, as a defect uses it while it acts: loaded no earlier, so that another defect can still be put in. */
function core<Name extends keyof Modules>(name: Name): Modules[Name] {
  return load(load.resolve(`../../lambda/core/${name}`)) as Modules[Name];
}

/** Replaces exported functions of one module of the core. Renaming a module or a function is an error of the compiler here. */
function replacing<Name extends keyof Modules>(
  what: string,
  name: Name,
  replace: (original: Modules[Name]) => Partial<Modules[Name]>,
): Defect {
  return {
    what,
    install: () => {
      const file = load.resolve(`../../lambda/core/${name}`);
      const original = core(name);
      const cached = load.cache[file];
      if (cached === undefined) {
        throw new Error(`${file} is not in the cache of modules`);
      }
      cached.exports = { ...original, ...replace(original) };
    },
  };
}

/** Changes what the calls of a run do or when they are made. */
function calling(what: string, change: (ports: Ports) => Partial<Ports>): Defect {
  return replacing(what, 'deadline', ({ withDeadline }) => ({
    withDeadline: (ports, deadline) => {
      const sound = withDeadline(ports, deadline);
      return { ...sound, ...change(sound) };
    },
  }));
}

function override<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return Object.assign(Object.create(port) as Port, methods);
}

export const DEFECTS: readonly Defect[] = [
  // The order of calls within one run.
  calling('the POST is made before its intent is written', ({ secrets, spApi }) => {
    let writeIntent: (() => Promise<unknown>) | undefined;
    return {
      secrets: override(secrets, {
        put: (version) => {
          if (version.label !== LABEL.journal || parseEntry(version.text)?.rotation?.id !== version.versionId) {
            return secrets.put(version);
          }
          writeIntent = () => secrets.put(version);
          return Promise.resolve('written');
        },
      }),
      spApi: override(spApi, {
        rotateClientSecret: async (accessToken) => {
          const outcome = await spApi.rotateClientSecret(accessToken);
          await writeIntent?.();
          return outcome;
        },
      }),
    };
  }),
  calling('a POST whose answer is lost is repeated at once', ({ spApi }) => ({
    spApi: override(spApi, {
      rotateClientSecret: async (accessToken) => {
        const outcome = await spApi.rotateClientSecret(accessToken);
        return 'failed' in outcome && outcome.failed === 'after-sending'
          ? spApi.rotateClientSecret(accessToken)
          : outcome;
      },
    }),
  })),
  calling('a delivery is staged before the journal names it', ({ secrets }) => {
    let writeEntry: (() => Promise<unknown>) | undefined;
    return {
      secrets: override(secrets, {
        put: async (version) => {
          if (version.label === LABEL.journal && parseEntry(version.text)?.newest?.announced === false) {
            writeEntry = () => secrets.put(version);
            return 'written';
          }
          const put = await secrets.put(version);
          await writeEntry?.();
          writeEntry = undefined;
          return put;
        },
      }),
    };
  }),
  calling('AWSCURRENT moves before LWA has accepted the client secret', ({ secrets }) => ({
    secrets: override(secrets, {
      put: async (version) => {
        const put = await secrets.put(version);
        if (version.label === LABEL.pending) {
          const { labels } = await secrets.describe();
          await secrets.moveLabel(LABEL.current, version.versionId, labels.get(LABEL.current));
        }
        return put;
      },
    }),
  })),
  calling('the journal says announced before the event is published', ({ secrets, events }) => {
    let publish: (() => Promise<void>) | undefined;
    return {
      events: override(events, {
        publish: (type, detail) => {
          if (type !== DETAIL_TYPE.rotated) {
            return events.publish(type, detail);
          }
          publish = () => events.publish(type, detail);
          return Promise.resolve();
        },
      }),
      secrets: override(secrets, {
        put: async (version) => {
          const put = await secrets.put(version);
          await publish?.();
          publish = undefined;
          return put;
        },
      }),
    };
  }),
  replacing('a promotion is announced and not written down', 'secret/announce', ({ publishRotated }) => ({
    announce: async (application, head, announcement) => {
      await publishRotated(application, announcement);
      return head;
    },
  })),
  replacing('a healing is announced to nobody when it is interrupted', 'journal/transitions', () => ({
    withHealBegun: () => undefined,
  })),

  // Compare-and-set.
  calling('AWSCURRENT moves wherever it is', ({ secrets }) => ({
    secrets: override(secrets, {
      moveLabel: async (label, to, from) => {
        const holder = label === LABEL.current ? (await secrets.describe()).labels.get(label) : from;
        return secrets.moveLabel(label, to, holder);
      },
    }),
  })),
  calling('an AWSCURRENT that did not move is taken for moved', ({ secrets }) => ({
    secrets: override(secrets, {
      moveLabel: async (label, to, from) => {
        await secrets.moveLabel(label, to, from);
        return 'moved';
      },
    }),
  })),
  replacing('runs do not compete for the next journal entry', 'digest', ({ nextEntryId }) => {
    let entries = 0;
    return { nextEntryId: (versionId, nonce) => nextEntryId(`${versionId} ${(entries += 1)}`, nonce) };
  }),
  replacing('a run that lost the race for the intent posts all the same', 'journal/log', ({ claim }) => ({
    claim: async (application, head, entry) => (await claim(application, head, entry)) ?? head,
  })),
  replacing('what is staged does not depend on the version that it replaces', 'digest', ({ stagedVersionId }) => ({
    stagedVersionId: (digest, _, field) => stagedVersionId(digest, '', field),
  })),

  // Several deliveries.
  replacing('any delivery may replace what is current', 'journal/order', ({ placeOf }) => ({
    mayReplace: () => true,
    placeOf: (delivery, current, entry) => {
      const place = placeOf(delivery, current, entry);
      return place === 'order-unknown' || place === 'older' ? 'newest' : place;
    },
  })),
  replacing('a promotion does not ask which delivery is the newest', 'secret/promote', ({ promote }) => ({
    promote: (application, delivery, { head, ...beginning }) =>
      promote(application, delivery, {
        ...beginning,
        head: head && { ...head, entry: { ...head.entry, newest: null } },
      }),
  })),
  replacing('a sweep finishes no promotion', 'journal/order', () => ({ hasUnfinishedPromotion: () => false })),
  replacing(
    'a sweep finishes no promotion that only lacks its event',
    'journal/order',
    ({ hasUnfinishedPromotion }) => ({
      hasUnfinishedPromotion: (entry, digest) =>
        entry.newest?.digest !== digest && hasUnfinishedPromotion(entry, digest),
    }),
  ),

  // Two runs at once: what the explorer found in an earlier core.
  replacing('a run that lost the race for an entry goes on with what it read before', 'secret/sync', (sync) => ({
    syncJournal: async (application, state, journal) => {
      const synced = await sync.syncJournal(application, state, journal);
      const read = synced === 'lost-race' ? await core('secret/read').readState(application) : undefined;
      if (read?.seeded !== true || read.journal.journal !== 'readable') {
        return synced;
      }
      const head = await core('journal/log').append(application, read.journal.head, (entry) =>
        sync.syncEntry(entry, sync.factsOf(application, state)),
      );
      const { digest, unreported } = head.entry.baseline;
      if (unreported === true && digest === state.current.digest) {
        application.ports.observe({ what: 'client secret seeded by hand', kind: 'overwritten' });
      }
      return head;
    },
  })),
  replacing('two deliveries are ordered only beyond the skew of clocks', 'journal/order', ({ knownSince, placeOf }) => {
    const mayReplace: typeof import('../../lambda/core/journal/order').mayReplace = (delivery, current, entry) =>
      delivery.eventTime >= knownSince(current, entry) - CLOCK_SKEW;
    return {
      mayReplace,
      placeOf: (delivery, current, entry) => {
        const place = placeOf(delivery, current, entry);
        return place === 'order-unknown' && mayReplace(delivery, current, entry) ? 'newest' : place;
      },
    };
  }),
  replacing('a run that finds current what it would promote takes it for announced', 'secret/announce', (sound) => ({
    announce: (application, head, announcement) =>
      announcement.previousVersionId === undefined
        ? core('journal/log').append(application, head, (entry) =>
            core('journal/transitions').withAnnounced(entry, announcement.delivery),
          )
        : sound.announce(application, head, announcement),
  })),

  replacing(
    'of two deliveries that become current, only the newest is announced',
    'secret/announce',
    ({ announce }) => ({
      announce: (application, head, announcement) =>
        head.entry.newest?.digest === announcement.delivery.digest
          ? announce(application, head, announcement)
          : Promise.resolve(head),
    }),
  ),

  // Acknowledging too early.
  replacing('a message is acknowledged whatever came of it', 'messages/message', ({ processMessage }) => ({
    processMessage: async (message, context) => {
      const { disposition } = await processMessage(message, context);
      return { disposition: disposition === 'unclaimed' ? 'unclaimed' : 'acknowledge' };
    },
  })),
  replacing('a delivery is acknowledged before it is current', 'messages/new-secret', ({ installNewSecret }) => ({
    installNewSecret: async (...parameters) => {
      await installNewSecret(...parameters);
      return undefined;
    },
  })),

  // Several rotations.
  replacing('an intent does not count until its answer comes', 'journal/transitions', ({ withIntent }) => ({
    withIntent: (entry, intent) => {
      const { rotation, ...intended } = withIntent(entry, intent);
      return { ...intended, rotation: rotation && { ...rotation, outcome: 'refused' as const } };
    },
  })),
  replacing('an answer that is in doubt is taken for a refusal', 'amazon/answers', ({ classifyRotationAnswer }) => ({
    classifyRotationAnswer: (outcome) => {
      const answer = classifyRotationAnswer(outcome);
      return answer.answer === 'ambiguous' ? { ...answer, answer: 'refused', kind: 'refused' } : answer;
    },
  })),
  replacing('a delivery answers no rotation', 'journal/transitions', ({ withNewest }) => ({
    withNewest: (entry, ...rest) => ({ ...withNewest(entry, ...rest), rotation: entry.rotation }),
  })),
  replacing('nobody looks at the queue before a rotation', 'rotation/preflight', () => ({
    preflight: () => Promise.resolve({}),
  })),
  replacing('a run that only looks writes', 'rotation/request', () => ({ onlyLooks: () => false })),

  // What people say, and when they are there.
  {
    ...replacing('a pause holds nothing back', 'journal/pause', () => ({ endOfPause: () => undefined })),
    world: 6,
  },
  {
    ...replacing('a rotation window is always open', 'rotation/window', () => ({
      opensAt: (_window, _expiry, from) => from,
    })),
    world: 3,
  },
  {
    ...replacing("a person's date goes before Amazon's", 'journal/transitions', ({ withDateOfPerson }) => ({
      withDateOfPerson: (entry, told) =>
        withDateOfPerson({ ...entry, expiry: { ...entry.expiry, source: 'estimate' } }, told),
    })),
    world: 5,
  },
];
