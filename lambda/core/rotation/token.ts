import { classifyTokenAnswer } from '../amazon/answers';
import { failure, type Failure } from '../failure';
import { LABEL, type Application } from '../ports';
import { credentialsIn, type CurrentSecret, type SecretState } from '../secret/read';

export type TokenMinted =
  | { readonly accessToken: string; readonly with: 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS' }
  | { readonly failed: Failure };

/** Asks LWA for a token with the current client secret. */
export async function mintWithCurrent(application: Application, current: CurrentSecret): Promise<TokenMinted> {
  const answer = classifyTokenAnswer(await application.ports.lwa.exchange(current.credentials));
  switch (answer.answer) {
    case 'granted':
      return { accessToken: answer.accessToken, with: LABEL.current };
    case 'invalid-client':
      return { failed: failure(application, 'wrong-credentials', answer.requestId) };
    case 'failed':
      return { failed: failure(application, answer.kind, answer.requestId) };
  }
}

/**
 * The same, falling back to the pending and the previous client secret where LWA does not accept the current one:
 * any token of this client id can ask for the rotation, which may be what saves the application.
 */
export async function mint(application: Application, { current, description }: SecretState): Promise<TokenMinted> {
  const minted = await mintWithCurrent(application, current);
  if (!('failed' in minted) || minted.failed.kind !== 'wrong-credentials') {
    return minted;
  }
  const { clientId, clientSecret } = current.credentials;
  for (const label of [LABEL.pending, LABEL.previous]) {
    const credentials = await credentialsIn(application, description.labels.get(label), clientId);
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
        versionId: description.labels.get(label) ?? '',
        next: minted.failed.next,
      });
      return { accessToken: answer.accessToken, with: label };
    }
  }
  return minted;
}
