import { classifyTokenAnswer, isUndecided, MAX_SECRET_LENGTH, type TokenAnswer } from '../amazon/answers';
import { digestOf } from '../digest';
import { failure, type Failure } from '../failure';
import type { JournalEntry } from '../journal/entry';
import { fallbackAsNewest } from '../journal/fallback';
import { LABEL, unlessLasting, type Application } from '../ports';
import { findStaged } from '../secret/staged';
import { credentialsIn, type CurrentSecret, type SecretState } from '../secret/read';

export type TokenMinted =
  /** `digest`: of the client secret with which it was minted. */
  { readonly accessToken: string; readonly digest: string } | { readonly failed: Failure };

/** Asks LWA for a token with the current client secret. */
export async function mintWithCurrent(application: Application, current: CurrentSecret): Promise<TokenMinted> {
  const answer = classifyTokenAnswer(await application.ports.lwa.exchange(current.credentials));
  switch (answer.answer) {
    case 'granted':
      return { accessToken: answer.accessToken, digest: current.digest };
    case 'invalid-client':
      return { failed: failure(application, 'wrong-credentials', answer.requestId) };
    case 'failed':
      return { failed: failure(application, answer.kind, answer.requestId) };
  }
}

/**
 * The same, falling back where LWA does not accept the current client secret.
 *
 * Where it accepts the newest delivered one, or the one before it while that waits, no other is needed: `standingBy`. Otherwise any
 * token of this client id can ask for the rotation, which may be what saves the application.
 */
export async function mint(
  application: Application,
  state: SecretState,
  entry: JournalEntry,
): Promise<TokenMinted & { readonly standingBy?: true }> {
  const minted = await mintWithCurrent(application, state.current);
  if (!('failed' in minted) || minted.failed.kind !== 'wrong-credentials') {
    return minted;
  }
  const answers = [
    await exchangeNewest(application, state, entry),
    await exchangeFallback(application, state, entry),
  ].filter((answer) => answer !== undefined);
  if (answers.some(({ answer }) => answer === 'granted')) {
    return { ...minted, standingBy: true };
  }
  if (answers.some(isUndecided)) {
    // It may stand by: then a rotation would be one too many.
    return minted;
  }
  return (await mintWithOther(application, state, minted.failed)) ?? minted;
}

/** With the client secret of another labelled version. */
async function mintWithOther(
  application: Application,
  { current, description }: SecretState,
  { next }: Failure,
): Promise<TokenMinted | undefined> {
  const { clientId, clientSecret } = current.credentials;
  for (const label of [LABEL.pending, LABEL.previous]) {
    const versionId = description.labels.get(label);
    const credentials = await credentialsIn(application, versionId, clientId);
    if (credentials === undefined || credentials.clientSecret === clientSecret) {
      continue;
    }
    const answer = classifyTokenAnswer(await application.ports.lwa.exchange(credentials));
    if (answer.answer === 'granted') {
      application.ports.observe({
        what: 'token minted with another version',
        application: application.settings.id,
        clientId,
        kind: 'wrong-credentials',
        versionId,
        next,
      });
      return { accessToken: answer.accessToken, digest: digestOf(credentials.clientSecret) };
    }
  }
  return undefined;
}

/** Whether the newest delivered client secret is staged, not current, and accepted by LWA. */
export async function standsBy(application: Application, state: SecretState, entry: JournalEntry): Promise<boolean> {
  return (await exchangeNewest(application, state, entry))?.answer === 'granted';
}

/** What LWA says of the newest delivered client secret; `undefined` where that is current, or not staged. */
async function exchangeNewest(
  application: Application,
  state: SecretState,
  { newest }: JournalEntry,
): Promise<TokenAnswer | undefined> {
  if (newest === null || newest.digest === state.current.digest) {
    return undefined;
  }
  const staged = await findStaged(application, state, newest);
  if (staged === undefined || staged.clientSecret.length > MAX_SECRET_LENGTH) {
    return undefined;
  }
  const { clientId, clientSecret } = staged;
  return classifyTokenAnswer(await application.ports.lwa.exchange({ clientId, clientSecret }));
}

/** The same of what was current before the newest, while that waits. One that nobody can read for good stands by for nobody. */
async function exchangeFallback(
  application: Application,
  state: SecretState,
  entry: JournalEntry,
): Promise<TokenAnswer | undefined> {
  const seen = fallbackAsNewest(entry);
  return seen && (await unlessLasting(exchangeNewest(application, state, seen), () => undefined));
}
