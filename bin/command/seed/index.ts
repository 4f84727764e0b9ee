import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CLIENT_CONFIGURATION } from '../../../lambda/adapters/aws-call';
import { LwaTokenEndpoint } from '../../../lambda/adapters/login-with-amazon';
import { classifyTokenAnswer } from '../../../lambda/core/amazon/answers';
import type { ClientCredentials } from '../../../lambda/core/ports';
import { Dialogue } from '../dialogue';
import { CommandFailed, EXIT } from '../exit-code';
import type { HubSettings } from '../hub-settings';
import { clientIdProblem, clientSecretProblem } from './input-problem';
import { seededText } from './seeded-text';
import { readCurrent, secretName, store, type StoredSecret } from './stored-secret';
import { whatIsReplaced } from './replaced';

const NOTHING_STORED = 'nothing was stored';

/**
 * Asks for the client id and the client secret of an application, tries them with LWA, and stores them in its secret. They are
 * typed at the terminal, and are nowhere else: in no argument, no environment variable and no file.
 */
export async function seed({ application, lwaTokenUrl }: HubSettings): Promise<void> {
  const client = new SecretsManagerClient(CLIENT_CONFIGURATION);
  const dialogue = new Dialogue(NOTHING_STORED, 'run seed in a terminal');
  try {
    const { id, secretArn } = application;
    const name = await secretName(client, secretArn);
    const before = await readCurrent(client, secretArn);
    dialogue.say(`The secret of ${id} is ${name}. ${whatIsReplaced(before, application)}`);
    const credentials = await askForCredentials(dialogue, application.clientId);
    await verify(credentials, lwaTokenUrl);
    const text = seededText(before?.SecretString, application, credentials);
    if (text === before?.SecretString) {
      dialogue.say('LWA accepts them, and the secret holds them already: nothing was stored.');
      return;
    }
    await dialogue.confirm('LWA accepts them. Store them as the current version?');
    await requireUnchanged(client, secretArn, before);
    const versionId = await store(client, secretArn, text);
    // A sweep takes note of what replaced another pair: until then `check` still says what was wrong.
    const next = before === undefined ? `check --application ${id}` : 'sweep';
    dialogue.say(`Stored as version ${versionId}. Next: npx cdk-sp-api-secret-rotation ${next}`);
  } finally {
    dialogue.close();
    client.destroy();
  }
}

async function askForCredentials(dialogue: Dialogue, known: string | undefined): Promise<ClientCredentials> {
  return {
    clientId: known ?? (await askUntil(dialogue, () => dialogue.ask('client id: '), clientIdProblem)),
    clientSecret: await askUntil(
      dialogue,
      () => dialogue.askHidden('client secret (is not shown): '),
      clientSecretProblem,
    ),
  };
}

async function askUntil(
  dialogue: Dialogue,
  ask: () => Promise<string>,
  problemOf: (answer: string) => string | undefined,
): Promise<string> {
  for (;;) {
    const answer = await ask();
    const problem = problemOf(answer);
    if (problem === undefined) {
      return answer;
    }
    dialogue.say(problem);
  }
}

/** Throws unless LWA accepts the pair. It does not say which of the two is wrong. */
async function verify(credentials: ClientCredentials, lwaTokenUrl: string): Promise<void> {
  const token = classifyTokenAnswer(await new LwaTokenEndpoint(lwaTokenUrl).exchange(credentials));
  if (token.answer === 'granted') {
    return;
  }
  const request = token.requestId === undefined ? '' : ` (Amazon's request id ${token.requestId})`;
  if (token.answer === 'invalid-client') {
    throw new CommandFailed(
      EXIT.needsAttention,
      `LWA does not accept this pair${request}; ${NOTHING_STORED}. Compare both values with the Developer Console: the client secret must be of this client id. If the client secret was made within the last hours, LWA may not know it everywhere yet: wait, for up to 3 hours, and seed again; until then the stored one stays.`,
    );
  }
  throw new CommandFailed(
    EXIT.unreachable,
    `LWA did not say whether it accepts this pair: ${token.kind}${request}; ${NOTHING_STORED}. Can this machine reach ${new URL(lwaTokenUrl).host}? If so, try again later.`,
  );
}

/** A rotation may have installed a new client secret while the person was typing: it must stay. */
async function requireUnchanged(
  client: SecretsManagerClient,
  secretArn: string,
  before: StoredSecret | undefined,
): Promise<void> {
  if ((await readCurrent(client, secretArn))?.VersionId !== before?.VersionId) {
    throw new CommandFailed(
      EXIT.prevented,
      `the secret got another current version meanwhile; ${NOTHING_STORED}. See with status whether it still needs to be seeded.`,
    );
  }
}
