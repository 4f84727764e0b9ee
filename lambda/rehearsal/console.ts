import { randomBytes } from 'node:crypto';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  REHEARSAL_CLIENT_ID_PREFIX,
  REHEARSAL_HOURS,
  type RehearsalSettings,
  type RehearsedApplication,
  type RehearsedHub,
} from '../../lib/contract/rehearsal';
import { ANSWERS, WrongRequest, type ConsoleRequest } from './console-request';
import { send, takeOutgoing, type Outgoing } from './deliveries';
import type { FrontOptions } from './front';
import { PlayedAmazon } from './played-amazon';
import { depthOf, removeDeadLetters, type Depth } from './played-queues';
import { PlayedSecret } from './played-secret';
import type { RehearsalState } from './state';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A message about a new secret, without the secret. Its id says who made it. */
const NOT_UNDERSTOOD = {
  notificationVersion: '1.0',
  notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
  payload: { rehearsal: 'nobody understands this' },
};

/** An application, as Amazon and its secret say. Without secrets. */
export interface LookedAt {
  readonly application: string;
  readonly clientId: string | undefined;
  /** How often Amazon rotated. */
  readonly rotations: number;
  /** Which of Amazon's client secrets is the current one. */
  readonly current: 'newest' | 'older' | 'unknown' | 'none';
  /** Keys of the secret besides the two, with their values; none of a secret that no rehearsal made. */
  readonly others: Readonly<Record<string, unknown>>;
  readonly queues: { readonly notification: Depth; readonly deadLetter: Depth; readonly unclaimed: Depth };
}

/** What the function answers to whoever invokes it. */
export interface ConsoleAnswer {
  /** Until when anything is answered; ISO 8601. */
  readonly openUntil: string;
  readonly applications?: readonly LookedAt[];
  /** Why messages were refused by the queue, in one word each. */
  readonly refused?: readonly string[];
  readonly removed?: number;
}

export interface ConsoleOptions extends FrontOptions {
  readonly secrets: SecretsManagerClient;
}

/** What a person does in Amazon's Developer Console, and what a rehearsal needs besides. Only for whoever may invoke the function. */
export async function answer(request: ConsoleRequest, options: ConsoleOptions): Promise<ConsoleAnswer> {
  switch (request.action) {
    case 'look':
      return look(options);
    case 'seed':
      return seed(request, options);
    case 'edit':
      return edit(request, options);
    case 'remove dead letters': {
      const hub = hubOf(find(request.application, options.settings), options.settings);
      const removed = await removeDeadLetters(options.queues, hub, (body) => body.includes(REHEARSAL_CLIENT_ID_PREFIX));
      return { ...(await play(options, () => undefined)), removed };
    }
    case 'start':
    case 'end':
      return play(options, (state) => {
        state.openUntil = request.action === 'start' ? options.now() + REHEARSAL_HOURS * HOUR : 0;
      });
    default:
      return play(options, (state, amazon) => {
        happen(request, amazon, state);
      });
  }
}

type Happening = Exclude<
  ConsoleRequest,
  { action: 'start' | 'end' | 'look' | 'seed' | 'edit' | 'remove dead letters' }
>;

/** What Amazon does now, or with what comes next. */
function happen(request: Happening, amazon: PlayedAmazon, state: RehearsalState): void {
  switch (request.action) {
    case 'behave':
      amazon.model.behaviour.propagationDelay = request.propagationSeconds * 1000;
      return;
    case 'next delivery': {
      const { lost, copies, delaySeconds } = request;
      amazon.model.changeNextDelivery({
        ...(lost !== undefined && { isLost: lost }),
        ...(copies !== undefined && { copies }),
        ...(delaySeconds !== undefined && { delay: delaySeconds * 1000 }),
      });
      return;
    }
    case 'next answer':
      amazon.script.add('rotate', ANSWERS[request.answer], { clientId: clientIdOf(request.application, state) });
      return;
    case 'rotate in the console':
      amazon.model.rotateInConsole(clientIdOf(request.application, state));
      return;
    case 'send':
      sendMessage(request, amazon, clientIdOf(request.application, state));
  }
}

function sendMessage(
  { message }: Extract<Happening, { action: 'send' }>,
  { model }: PlayedAmazon,
  clientId: string,
): void {
  switch (message) {
    case 'expiry notice':
      model.announceExpiry(clientId);
      return;
    case 'stale':
      model.repeatOldest(clientId);
      return;
    case 'stranger':
      model.rotateStranger(model.queueOf(clientId));
      return;
    case 'not understood':
      model.send(clientId, JSON.stringify({ ...NOT_UNDERSTOOD, madeFor: clientId }));
  }
}

async function edit(
  { application: id, key, value }: Extract<ConsoleRequest, { action: 'edit' }>,
  options: ConsoleOptions,
): Promise<ConsoleAnswer> {
  const application = find(id, options.settings);
  if (key === application.clientIdField || key === application.clientSecretField) {
    throw new WrongRequest("this key is the rotation's; edit another one");
  }
  await new PlayedSecret(options.secrets, application).write((before) => ({ ...before, [key]: value }));
  return play(options, () => undefined);
}

async function seed(
  { application: id, ageDays }: Extract<ConsoleRequest, { action: 'seed' }>,
  options: ConsoleOptions,
): Promise<ConsoleAnswer> {
  const { settings, now } = options;
  const application = find(id, settings);
  const clientId = REHEARSAL_CLIENT_ID_PREFIX + randomBytes(16).toString('hex');
  let clientSecret = '';
  const answered = await play(options, (state, { model }) => {
    ({ clientSecret } = model.createApplication({ clientId, issuedAt: now() - ageDays * DAY }));
    model.register(clientId, hubOf(application, settings).queueArn);
    state.clientIds[id] = clientId;
  });
  await new PlayedSecret(options.secrets, application).write((before) => ({
    ...before,
    [application.clientIdField]: clientId,
    [application.clientSecretField]: clientSecret,
  }));
  return answered;
}

/** Lets something happen at Amazon, and sends what it causes. */
async function play(
  options: ConsoleOptions,
  happens: (state: RehearsalState, amazon: PlayedAmazon) => void,
): Promise<ConsoleAnswer> {
  const { store, queues, settings, now } = options;
  const { openUntil, outgoing } = await store.change((state): { openUntil: number; outgoing: Outgoing[] } => {
    const amazon = new PlayedAmazon(state, now);
    happens(state, amazon);
    const taken = takeOutgoing(amazon.model, now());
    amazon.save();
    return { openUntil: state.openUntil, outgoing: taken };
  });
  const refused = await send(queues, settings, outgoing);
  return { openUntil: new Date(openUntil).toISOString(), ...(refused.length > 0 && { refused }) };
}

async function look(options: ConsoleOptions): Promise<ConsoleAnswer> {
  const { store, settings, now } = options;
  const state = await store.read();
  const { model } = new PlayedAmazon(state, now);
  const applications: LookedAt[] = [];
  for (const application of settings.applications) {
    const clientId = state.clientIds[application.id];
    const issued = clientId === undefined ? [] : model.secretsOf(clientId).map(({ value }) => value);
    const secret = new PlayedSecret(options.secrets, application);
    const content = (await secret.read()) ?? {};
    const hub = hubOf(application, settings);
    applications.push({
      application: application.id,
      clientId,
      rotations: Math.max(0, issued.length - 1),
      current: whichOf(issued, content[application.clientSecretField]),
      others: secret.isPlayed(content) ? othersIn(content, application) : {},
      queues: {
        notification: await depthOf(options.queues, hub.queueUrl),
        deadLetter: await depthOf(options.queues, hub.deadLetterQueueUrl),
        unclaimed: await depthOf(options.queues, hub.unclaimedQueueUrl),
      },
    });
  }
  return { openUntil: new Date(state.openUntil).toISOString(), applications };
}

function othersIn(
  content: Readonly<Record<string, unknown>>,
  { clientIdField, clientSecretField }: RehearsedApplication,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).filter(([key]) => key !== clientIdField && key !== clientSecretField),
  );
}

function whichOf(issued: readonly string[], stored: unknown): LookedAt['current'] {
  if (stored === undefined) {
    return 'none';
  }
  return stored === issued.at(-1) ? 'newest' : issued.some((one) => one === stored) ? 'older' : 'unknown';
}

function find(id: string, { applications }: RehearsalSettings): RehearsedApplication {
  const found = applications.find((one) => one.id === id);
  if (found === undefined) {
    const ids = applications.map((one) => one.id).join(', ');
    throw new WrongRequest(`no application of that name is registered with the rehearsal; there are: ${ids}`);
  }
  return found;
}

function hubOf({ hub }: RehearsedApplication, { hubs }: RehearsalSettings): RehearsedHub {
  const found = hubs[hub];
  if (found === undefined) {
    throw new WrongRequest('the settings of the rehearsal are not what the construct writes; deploy it again');
  }
  return found;
}

function clientIdOf(id: string, { clientIds }: RehearsalState): string {
  const clientId = clientIds[id];
  if (clientId === undefined) {
    throw new WrongRequest('the application is not seeded yet; ask for seed first');
  }
  return clientId;
}
