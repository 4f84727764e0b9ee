import { classifyTokenAnswer } from '../amazon/answers';
import type { Delivery } from '../amazon/notification';
import { failure, type Failure } from '../failure';
import type { JournalEntry } from '../journal/entry';
import { append, type JournalHead } from '../journal/log';
import { isNewer, mayReplace } from '../journal/order';
import { withDelivery } from '../journal/transitions';
import { CallFailed, LABEL, type Application } from '../ports';
import { readState, type CurrentSecret, type SecretState } from './read';
import { stagedIdOf } from './staged';
import { withClientSecret } from './text';

/*
 * Stage, verify, promote: what AWS calls create, test and finish in a rotation function. A version with the delivered client
 * secret gets AWSPENDING, LWA accepts the pair, and AWSCURRENT moves to that version by compare-and-set.
 */

export type Promotion =
  /** It is AWSCURRENT, by this call or before it. */
  | {
      readonly result: 'current';
      readonly head: JournalHead | undefined;
      readonly versionId: string;
      readonly previousVersionId?: string;
    }
  /** A newer one is or has been current. */
  | { readonly result: 'superseded' }
  /** LWA does not know it, or not yet. */
  | { readonly result: 'rejected'; readonly failure: Failure }
  | { readonly result: 'failed'; readonly failure: Failure };

/** What a promotion begins from. */
export interface Beginning {
  readonly state: SecretState;
  /** `undefined` while the journal is unreadable: then dates of versions are all the order there is. */
  readonly head: JournalHead | undefined;
  /** Whether nobody can have staged the delivery before: spares the look at where AWSPENDING went. */
  readonly isFirstStaging: boolean;
}

/** People edit secrets rarely; more rounds than this mean that something else is wrong. */
const MAX_ROUNDS = 5;

/** Makes one delivered client secret current, starting again from what is there whenever somebody else wrote in between. */
export async function promote(application: Application, delivery: Delivery, beginning: Beginning): Promise<Promotion> {
  let from = beginning;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const entry = from.head?.entry;
    const settled = settledBefore(application, delivery, from);
    if (settled !== undefined) {
      return settled;
    }
    const promotion = isNewest(delivery, entry)
      ? await promoteNewest(application, delivery, from)
      : await promoteOlder(application, delivery, from);
    if (promotion !== 'somebody-wrote') {
      return promotion;
    }
    const again = await readState(application);
    if (!again.seeded) {
      return { result: 'failed', failure: failure(application, again.problem) };
    }
    const { state, journal } = again;
    from = { state, head: journal.journal === 'readable' ? journal.head : undefined, isFirstStaging: false };
  }
  return { result: 'failed', failure: failure(application, 'overwritten') };
}

/** Where there is nothing to promote, or where it must not be promoted. */
function settledBefore(
  application: Application,
  delivery: Delivery,
  { state: { current }, head }: Beginning,
): Promotion | undefined {
  const entry = head?.entry;
  if (current.digest === delivery.digest) {
    return { result: 'current', head, versionId: current.versionId };
  }
  if (current.credentials.clientId !== delivery.clientId) {
    return { result: 'failed', failure: failure(application, 'needs-person') };
  }
  if (isSupersededByNewest(delivery, current, entry)) {
    return { result: 'superseded' };
  }
  return mayReplace(delivery, current, entry)
    ? undefined
    : { result: 'failed', failure: failure(application, 'order-unknown') };
}

function isNewest(delivery: Delivery, entry: JournalEntry | undefined): boolean {
  return !entry?.newest || entry.newest.digest === delivery.digest;
}

function isSupersededByNewest(delivery: Delivery, current: CurrentSecret, entry: JournalEntry | undefined): boolean {
  const newest = entry?.newest;
  return (
    newest != null &&
    newest.digest !== delivery.digest &&
    isNewer(newest, delivery) &&
    (newest.announced || newest.digest === current.digest)
  );
}

async function promoteNewest(
  application: Application,
  delivery: Delivery,
  beginning: Beginning,
): Promise<Promotion | 'somebody-wrote'> {
  const { state, head } = beginning;
  const versionId = stagedIdOf(application, delivery, state.current);
  // LWA's answer is needed before the promotion and has no effect: it is asked for while the version is staged. Without the journal
  // nothing vouches for the delivery, and staging it could take AWSPENDING from the only copy of the newest: then it comes first.
  const asked = verify(application, delivery);
  const refusedBefore = head === undefined ? await asked : undefined;
  const refused = refusedBefore ?? (await bothEnded(asked, stage(application, delivery, beginning, versionId)));
  if (refused !== undefined) {
    return refused;
  }
  const { versionId: previousVersionId } = state.current;
  const moved = await application.ports.secrets.moveLabel(LABEL.current, versionId, previousVersionId);
  return moved === 'elsewhere' ? 'somebody-wrote' : { result: 'current', head, versionId, previousVersionId };
}

/** One that is not the newest is verified first: staging it takes AWSPENDING away from the newest for a moment. */
async function promoteOlder(
  application: Application,
  delivery: Delivery,
  { state, head }: Beginning,
): Promise<Promotion | 'somebody-wrote'> {
  const { secrets } = application.ports;
  const { versionId: previousVersionId } = state.current;
  const refused = await verify(application, delivery);
  if (refused !== undefined) {
    return refused;
  }
  const recorded = head === undefined ? undefined : await recordOlder(application, delivery, head);
  if (recorded !== undefined && recorded.entry.clientId !== delivery.clientId) {
    return 'somebody-wrote';
  }
  const versionId = stagedIdOf(application, delivery, state.current);
  await putStaged(application, delivery, state, versionId);
  const moved = await secrets.moveLabel(LABEL.current, versionId, previousVersionId);
  const newestVersion = state.description.labels.get(LABEL.pending);
  if (newestVersion !== undefined && newestVersion !== previousVersionId && newestVersion !== versionId) {
    await secrets.moveLabel(LABEL.pending, newestVersion, versionId);
  }
  return moved === 'elsewhere' ? 'somebody-wrote' : { result: 'current', head: recorded, versionId, previousVersionId };
}

/**
 * Asks LWA for a token with the delivered pair: only what it accepts becomes current.
 *
 * @returns why it must not become current; `undefined` where LWA accepts it
 */
export async function verify(
  application: Application,
  { clientId, clientSecret }: Delivery,
): Promise<Extract<Promotion, { failure: Failure }> | undefined> {
  const answer = classifyTokenAnswer(await application.ports.lwa.exchange({ clientId, clientSecret }));
  switch (answer.answer) {
    case 'granted':
      return undefined;
    case 'invalid-client':
      return { result: 'rejected', failure: failure(application, 'rejected-by-lwa', answer.requestId) };
    case 'failed':
      return { result: 'failed', failure: failure(application, answer.kind, answer.requestId) };
  }
}

/** Waits for both even where one fails: no call is still running when we return. */
async function bothEnded<One>(one: Promise<One>, other: Promise<void>): Promise<One> {
  await Promise.allSettled([one, other]);
  const [first] = await Promise.all([one, other]);
  return first;
}

async function stage(
  application: Application,
  delivery: Delivery,
  { state, isFirstStaging }: Beginning,
  versionId: string,
): Promise<void> {
  const { secrets } = application.ports;
  const put = await putStaged(application, delivery, state, versionId);
  if (put === 'unneeded' || isFirstStaging) {
    return;
  }
  // A repeated put changes nothing, not even the label, which an older delivery may have taken meanwhile.
  const holder = (await secrets.describe()).labels.get(LABEL.pending);
  if (holder !== versionId) {
    await secrets.moveLabel(LABEL.pending, versionId, holder);
  }
}

async function putStaged(
  application: Application,
  { clientSecret }: Delivery,
  { current, description }: SecretState,
  versionId: string,
): Promise<'written' | 'unneeded'> {
  if (description.labels.get(LABEL.pending) === versionId) {
    return 'unneeded';
  }
  const text = withClientSecret(current.text, application.settings, clientSecret);
  const put = await application.ports.secrets.put({ versionId, text, label: LABEL.pending });
  if (put === 'taken') {
    throw new CallFailed('secretsmanager:PutSecretValue', 'ResourceExistsException');
  }
  return 'written';
}

/**
 * Before a client secret that is not the newest becomes current, the journal says since when it is known: else it would look
 * like one that a person stored. Once the newest is announced nothing is written: the compare-and-set that follows fails.
 */
function recordOlder(application: Application, delivery: Delivery, head: JournalHead): Promise<JournalHead> {
  return append(application, head, (entry) =>
    entry.clientId !== delivery.clientId ||
    entry.newest?.announced === true ||
    entry.deliveries.some((one) => one.digest === delivery.digest)
      ? undefined
      : withDelivery(entry, delivery),
  );
}
