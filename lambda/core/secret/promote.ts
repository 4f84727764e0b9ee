import { DETAIL_TYPE, type RotationReason } from '../../../lib/contract/event';
import { LABEL } from './labels';
import { classifyTokenAnswer } from '../amazon/answers';
import type { Application } from '../application';
import { digestOf, stagedVersionId } from '../digest';
import { eventSubject } from '../event';
import { failure, type Failure } from '../failure';
import { SECOND, toIso } from '../time';
import { withAnnounced, withSeen, type JournalEntry, type Newest } from '../journal/entry';
import { append } from '../journal/log';
import { isNewer, mayReplace, type Dated } from '../journal/order';
import { CallFailed } from '../ports';
import { withClientSecret } from './text';
import { credentialsIn, look, type JournalHead, type State } from './read';

/** A delivered client secret on its way to AWSCURRENT. */
export interface Candidate extends Dated {
  readonly digest: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly oldExpiry: number;
  readonly estimated: boolean;
}

export type Promotion =
  /** It is AWSCURRENT, by this call or before it. */
  | {
      readonly result: 'current';
      readonly state: State;
      readonly versionId: string;
      readonly previousVersionId?: string;
    }
  /** A newer one is or has been current. */
  | { readonly result: 'overtaken' }
  /** LWA does not know it, or not yet. */
  | { readonly result: 'rejected'; readonly failure: Failure }
  | { readonly result: 'failed'; readonly failure: Failure };

/** People edit secrets rarely; more rounds than this mean that something else is wrong. */
const MOST_ROUNDS = 5;

/**
 * Stages, verifies and promotes one client secret, starting again from what is there whenever somebody else wrote in between.
 *
 * @param fresh whether nobody can have staged it before: spares the look at where AWSPENDING went
 */
export async function promote(
  application: Application,
  candidate: Candidate,
  seen: State,
  fresh: boolean,
): Promise<Promotion> {
  let state = seen;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const promotion = await promoteOver(application, candidate, state, fresh && round === 0);
    if (promotion !== 'somebody-wrote') {
      return promotion;
    }
    const again = await look(application);
    if (!again.seeded) {
      return { result: 'failed', failure: failure(application, again.problem) };
    }
    state = again.state;
  }
  return { result: 'failed', failure: failure(application, 'overwritten') };
}

async function promoteOver(
  application: Application,
  candidate: Candidate,
  state: State,
  fresh: boolean,
): Promise<Promotion | 'somebody-wrote'> {
  const { secrets, lwa } = application.ports;
  const { current } = state;
  const entry = entryOf(state);
  if (current.digest === candidate.digest) {
    return { result: 'current', state, versionId: current.versionId };
  }
  if (current.credentials.clientId !== candidate.clientId) {
    return { result: 'failed', failure: failure(application, 'needs-person') };
  }
  const newest = entry?.newest ?? undefined;
  const isNewest = newest === undefined || newest.digest === candidate.digest;
  if (!isNewest && isNewer(newest, candidate) && (newest.announced || newest.digest === current.digest)) {
    return { result: 'overtaken' };
  }
  if (!mayReplace(candidate, current, entry)) {
    return { result: 'failed', failure: failure(application, 'order-unknown') };
  }
  const versionId = stagedVersionId(candidate.digest, current.versionId);
  // One that is not the newest is verified first: staging it takes AWSPENDING away from the newest for a moment.
  const verifyFirst = !isNewest;
  // LWA's answer is needed before the promotion and has no effect: it is asked while the secret is staged.
  const [outcome] = await bothOf(
    lwa.exchange({ clientId: candidate.clientId, clientSecret: candidate.clientSecret }),
    verifyFirst ? undefined : stage(application, candidate, state, versionId, fresh),
  );
  const answer = classifyTokenAnswer(outcome);
  if (answer.answer === 'invalid-client') {
    return { result: 'rejected', failure: failure(application, 'rejected-by-lwa', answer.requestId) };
  }
  if (answer.answer === 'failed') {
    return { result: 'failed', failure: failure(application, answer.kind, answer.requestId) };
  }
  if (verifyFirst) {
    await recordEarlier(application, candidate, state);
    await stage(application, candidate, state, versionId, true);
  }
  const moved = await secrets.moveLabel(LABEL.current, versionId, current.versionId);
  if (moved === 'elsewhere') {
    return 'somebody-wrote';
  }
  if (verifyFirst) {
    await givePendingBack(application, state, versionId);
  }
  return { result: 'current', state, versionId, previousVersionId: current.versionId };
}

/** Waits for both even where one fails: nothing goes on behind the answer's back. */
async function bothOf<One, Other>(
  one: Promise<One>,
  other: Promise<Other> | undefined,
): Promise<[One, Other | undefined]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

async function stage(
  application: Application,
  candidate: Candidate,
  state: State,
  versionId: string,
  fresh: boolean,
): Promise<void> {
  const { secrets } = application.ports;
  if (state.labels.get(LABEL.pending) === versionId) {
    return;
  }
  const put = await secrets.put({
    versionId,
    text: withClientSecret(state.current.text, application.settings, candidate.clientSecret),
    label: LABEL.pending,
  });
  if (put === 'taken') {
    throw new CallFailed('secretsmanager:PutSecretValue', 'ResourceExistsException');
  }
  if (!fresh) {
    // A repeated put changes nothing, not even the label, which an older delivery may have taken meanwhile.
    const holder = (await secrets.describe()).labels.get(LABEL.pending);
    if (holder !== versionId) {
      await secrets.moveLabel(LABEL.pending, versionId, holder);
    }
  }
}

/** Before a secret that is not the newest becomes current, the journal says since when it is known: else it would look seeded by hand. */
async function recordEarlier(application: Application, candidate: Candidate, state: State): Promise<void> {
  if (state.journal.read === 'readable') {
    await append(application, state.journal.head, (entry) =>
      // Once the newest is announced this one has been overtaken: the compare-and-set that follows fails.
      entry.newest?.announced === true || entry.seen.some((one) => one.digest === candidate.digest)
        ? undefined
        : withSeen(entry, candidate),
    );
  }
}

async function givePendingBack(application: Application, state: State, from: string): Promise<void> {
  const newestVersion = state.labels.get(LABEL.pending);
  if (newestVersion !== undefined && newestVersion !== state.current.versionId) {
    await application.ports.secrets.moveLabel(LABEL.pending, newestVersion, from);
  }
}

/** The newest delivered client secret from wherever it was staged; `undefined` while it is only in the queue. */
export async function stagedCandidate(
  application: Application,
  state: State,
  newest: Newest,
): Promise<Candidate | undefined> {
  const { clientId } = state.current.credentials;
  const places = [state.labels.get(LABEL.pending), newest.stagedVersionId, state.labels.get(LABEL.previous)];
  if (state.current.digest === newest.digest) {
    return { ...newest, ...state.current.credentials };
  }
  for (const versionId of new Set(places)) {
    const credentials = await credentialsIn(application, versionId, clientId);
    if (credentials !== undefined && digestOf(credentials.clientSecret) === newest.digest) {
      return { ...newest, ...credentials };
    }
  }
  return undefined;
}

export interface Announcement {
  readonly candidate: Omit<Candidate, 'clientSecret'>;
  readonly versionId: string;
  readonly previousVersionId?: string;
  readonly reason: RotationReason;
  readonly requestedBy?: string;
}

/** Tells consumers that AWSCURRENT holds another client secret. */
export async function publishRotated(application: Application, announcement: Announcement): Promise<void> {
  const { candidate, versionId, previousVersionId, reason, requestedBy } = announcement;
  const { clock, events, observe } = application.ports;
  await events.publish(DETAIL_TYPE.rotated, {
    ...eventSubject(application, candidate.clientId, versionId),
    ...(previousVersionId !== undefined && { previousVersionId }),
    reason,
    ...(requestedBy !== undefined && { requestedBy }),
    newClientSecretExpiryTime: toIso(candidate.newExpiry),
    oldClientSecretExpiryTime: toIso(candidate.oldExpiry),
  });
  observe({
    what: 'client secret rotated',
    application: application.settings.id,
    clientId: candidate.clientId,
    versionId,
    reason,
    ...(requestedBy !== undefined && { requestedBy }),
    seconds: Math.max(0, Math.round((clock.now() - candidate.eventTime) / SECOND)),
  });
}

/** Publishes and then writes down that it was published: in this order an event comes twice rather than never. */
export async function announce(
  application: Application,
  head: JournalHead,
  announcement: Announcement,
): Promise<JournalHead> {
  await publishRotated(application, announcement);
  return append(application, head, (entry) =>
    isAnnounced(entry, announcement.candidate) ? undefined : withAnnounced(entry, announcement.candidate),
  );
}

/** Also when a later delivery was announced meanwhile: this one must not become the baseline again. */
function isAnnounced(entry: JournalEntry, candidate: Dated & { readonly digest: string }): boolean {
  const { baseline, newest } = entry;
  return newest?.digest === candidate.digest
    ? newest.announced && baseline.digest === candidate.digest
    : baseline.since > candidate.eventTime ||
        (baseline.digest === candidate.digest && baseline.since === candidate.eventTime);
}

export function entryOf(state: State): JournalEntry | undefined {
  return state.journal.read === 'readable' ? state.journal.head.entry : undefined;
}
