import { classifyTokenAnswer, type TokenAnswer } from '../amazon/answers';
import { digestOf } from '../digest';
import { failure, type Failure } from '../failure';
import type { JournalEntry } from '../journal/entry';
import { CallFailed, LABEL, type Application, type ClientCredentials, type LoginWithAmazon } from '../ports';
import { credentialsIn, readState, type CurrentSecret, type SecretState } from './read';
import { possibleSiblings, readSiblings, type Sibling } from './siblings';

/*
 * Prove before you receive. A client id is no secret, and whoever may write one secret of a hub may write any client id into it.
 * So a delivered client secret is installed only where LWA accepts a pair that the secret itself holds. Where LWA forgot that
 * pair, the journal remembers; but whoever may write the secret may write its journal too. What it remembers counts only as
 * far as no other application of the hub speaks against it.
 */

/** Asks LWA about a pair. Does not throw. */
export type Login = (credentials: ClientCredentials) => Promise<TokenAnswer>;

/** Asks about each pair once: copies of one client secret are many secrets here and one for LWA. */
export function loginOnce(lwa: LoginWithAmazon): Login {
  const answers = new Map<string, Promise<TokenAnswer>>();
  return ({ clientId, clientSecret }) => {
    const key = digestOf(JSON.stringify([clientId, clientSecret]));
    const answer = answers.get(key) ?? ask(lwa, { clientId, clientSecret });
    answers.set(key, answer);
    return answer;
  };
}

async function ask(lwa: LoginWithAmazon, credentials: ClientCredentials): Promise<TokenAnswer> {
  try {
    return classifyTokenAnswer(await lwa.exchange(credentials));
  } catch (error) {
    return { answer: 'failed', kind: error instanceof CallFailed ? 'unreachable' : 'defect' };
  }
}

/** Why a delivered client secret must not be installed into this secret; `undefined` where it may be. */
export async function whyNotReceive(
  application: Application,
  state: SecretState,
  entry: JournalEntry | undefined,
  login: Login,
): Promise<Failure | undefined> {
  const { credentials } = state.current;
  if (entry !== undefined && entry.proven.length > 0 && (await isAlone(application, credentials.clientId))) {
    // Nobody can speak against what the journal remembers: whatever LWA answers now would change nothing.
    return undefined;
  }
  const answer = await login(credentials);
  if (
    answer.answer === 'granted' ||
    (await grantedToOtherVersion(application, state, login)) !== undefined ||
    (entry !== undefined && (await isRemembered(application, state.current, entry, login)))
  ) {
    return undefined;
  }
  return failure(application, answer.answer === 'failed' ? answer.kind : 'unproven', answer.requestId);
}

/** Where somebody stored something over a client secret that LWA still accepts: what LWA says to that. */
async function grantedToOtherVersion(
  application: Application,
  { current, description }: SecretState,
  login: Login,
): Promise<TokenAnswer | undefined> {
  for (const label of [LABEL.pending, LABEL.previous]) {
    const versionId = description.labels.get(label);
    const credentials = await credentialsIn(application, versionId, current.credentials.clientId);
    const answer = credentials && (await login(credentials));
    if (answer?.answer === 'granted') {
      return answer;
    }
  }
  return undefined;
}

/** Whether the journal's memory of a proof counts: whoever LWA accepts now must confirm it, and else all others. */
async function isRemembered(
  application: Application,
  { credentials, digest }: CurrentSecret,
  { proven }: JournalEntry,
  login: Login,
): Promise<boolean> {
  if (proven.length === 0) {
    return false;
  }
  const siblings = await readSiblings(application, credentials.clientId);
  const answers = await Promise.all(siblings.map(async (one) => (await answerTo(one, login)).answer));
  const accepted = siblings.filter((_, index) => answers[index] === 'granted');
  if (accepted.length > 0) {
    return accepted.some((one) => knows(one, digest));
  }
  const directory = await application.directory();
  // One that never proved itself may be the rightful one, whose client secret somebody mistyped.
  return directory.every(([, stored]) => stored !== 'unreadable') && siblings.every((one) => knows(one, digest));
}

async function isAlone(application: Application, clientId: string): Promise<boolean> {
  return (await possibleSiblings(application, clientId)).length === 0;
}

/** What LWA says about a sibling: in its AWSCURRENT somebody may have stored a wrong pair over one that is right. */
export async function answerTo({ application, credentials, read }: Sibling, login: Login): Promise<TokenAnswer> {
  const answer = credentials === undefined ? ({ answer: 'invalid-client' } as const) : await login(credentials);
  if (answer.answer !== 'invalid-client' || read === undefined) {
    return answer;
  }
  const other = await readState(application);
  return (other.seeded ? await grantedToOtherVersion(application, other.state, login) : undefined) ?? answer;
}

/** Only who had the client secret knows its digest. */
function knows({ read }: Sibling, digest: string): boolean {
  return read?.head.entry.proven.includes(digest) ?? false;
}

/** Whether LWA accepts what another application stored for this client id, as far as can be seen for the moment. */
export async function isAnothers(application: Application, clientId: string, login: Login): Promise<boolean> {
  const stored = (await application.directory()).flatMap(([, pair]) => (typeof pair === 'string' ? [] : [pair]));
  const answers = await Promise.all(stored.filter((pair) => pair.clientId === clientId).map(login));
  return answers.some(({ answer }) => answer === 'granted');
}
