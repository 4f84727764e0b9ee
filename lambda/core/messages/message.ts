import { parseNotification, type Notification } from '../amazon/notification';
import { failureOf, type Failure } from '../failure';
import type { Observation } from '../observation';
import type { Application } from '../ports';
import { loginOnce, type Login } from '../secret/proof';
import type { StateRead } from '../secret/read';
import { CLOCK_SKEW, DAY, MINUTE, SECOND, type Instant } from '../time';
import { recordExpiryNotice } from './expiry-notice';
import type { KnownClientIds } from './known-client-ids';
import { installNewSecret, type KeepReason } from './new-secret';
import type { HubRead } from './read-hub';

/** A message of the notification queue. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: Instant;
  /** How often it has been received, this time included. */
  readonly receiveCount: number;
}

/** What becomes of a message. */
export type Disposition =
  | { readonly disposition: 'acknowledge' }
  /** Copy it to the unclaimed queue first. */
  | { readonly disposition: 'unclaimed' }
  | { readonly disposition: 'keep'; readonly hiddenSeconds: number };

/** What messages are processed with: read once a batch. */
export interface MessageContext {
  /** @throws {CallFailed} when the list of applications could not be read */
  readonly hub: () => Promise<HubRead>;
  /** What the batches before saw. */
  readonly known: KnownClientIds;
  readonly observe: (observation: Observation) => void;
  readonly now: () => Instant;
  /** What came of the notifications of the batch: copies of one come of it once. */
  readonly served: Map<string, Promise<Served>>;
}

/** Why applications keep a notification: none, once it is done. */
type Served = readonly { readonly application?: string; readonly reason: KeepReason }[];

const ACKNOWLEDGE: Disposition = { disposition: 'acknowledge' };

/** How long a kept message stays hidden after each receive; propagation at LWA takes up to hours, 20 receives about seven. */
const HIDDEN: readonly number[] = [30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 15 * MINUTE];
const HIDDEN_LATER = 30 * MINUTE;

/** After so many receives the queue that the constructs make moves a message to the dead-letter queue. */
const MAX_RECEIVES = 20;

/**
 * An application that could not be read may have the client id of another: the message is looked at again for it, for minutes.
 * After that it would fill the dead-letter queue with messages of all others.
 */
const RECEIVES_FOR_THE_UNREADABLE = 4;

/** A message that no other application claims waits for it longer, an hour, before it goes to the unclaimed queue. */
const RECEIVES_BEFORE_UNCLAIMED = 8;

export function hiddenSeconds(receiveCount: number): number {
  return (HIDDEN[receiveCount - 1] ?? HIDDEN_LATER) / SECOND;
}

/**
 * What is not understood is not understood later either: it goes to the dead-letter queue, to a person, within ten minutes. A
 * hidden message is one of the 120,000 that SQS lets be in flight; with these waits no flood of them fills that. Without a
 * dead-letter queue it comes back for as long as the queue keeps it, so then rarely.
 */
export function hiddenSecondsOfUnclear(receiveCount: number): number {
  return (receiveCount <= MAX_RECEIVES ? 30 * SECOND : HIDDEN_LATER) / SECOND;
}

/** Does what one message asks for. Never throws because of its content or the outside world. */
export async function processMessage(message: QueueMessage, context: MessageContext): Promise<Disposition> {
  const sentAt = believedSentAt(message.sentAt, context.now());
  const seconds = Math.max(0, Math.round((context.now() - sentAt) / SECOND));
  let about: About = { messageId: message.messageId, notificationType: 'other', seconds };
  try {
    const notification = parseNotification(message.body, sentAt);
    about = { ...about, notificationType: typeOf(notification) };
    switch (notification.type) {
      case 'harmless':
        context.observe({ what: 'message ignored', ...about, next: IGNORED });
        return ACKNOWLEDGE;
      case 'not-understood':
        context.observe({ what: 'message kept', ...about, ...NOT_UNDERSTOOD });
        return { disposition: 'keep', hiddenSeconds: hiddenSecondsOfUnclear(message.receiveCount) };
      case 'new-secret':
      case 'expiry':
        return await processNotification(notification, { ...message, sentAt }, context, about);
    }
  } catch (error) {
    return keep(message, context, about, failureOf(error));
  }
}

/** SQS keeps no message for longer than 14 days, and its clock is not far from ours. */
function believedSentAt(sentAt: Instant, now: Instant): Instant {
  return sentAt >= now - 15 * DAY && sentAt <= now + CLOCK_SKEW ? sentAt : now;
}

const IGNORED = 'It has nothing to do with client secrets, and was deleted.';

type Understood = Extract<Notification, { type: 'new-secret' | 'expiry' }>;

type About = Pick<Observation, 'messageId' | 'seconds' | 'notificationType' | 'clientId' | 'application'>;

async function processNotification(
  notification: Understood,
  message: QueueMessage,
  context: MessageContext,
  received: About,
): Promise<Disposition> {
  const { clientId } = contentOf(notification);
  const about: About = { ...received, clientId };
  if (context.known.isUnknown(clientId, message.sentAt, context.now())) {
    return unknownClientId(notification, true, context, about);
  }
  const hub = await context.hub();
  const isComplete = hub.directory.every(([, stored]) => typeof stored !== 'string');
  const [first, ...others] = ownersOf(hub, clientId);
  if (first !== undefined) {
    return serveOwners(notification, { owners: [first, ...others], isComplete }, message, context, about);
  }
  return !isComplete && message.receiveCount < RECEIVES_BEFORE_UNCLAIMED
    ? keep(message, context, about, NOT_ALL_READABLE)
    : unknownClientId(notification, isComplete, context, about);
}

function contentOf(notification: Understood): { readonly clientId: string; readonly identity: string } {
  if (notification.type === 'expiry') {
    const { clientId, expiry } = notification.notice;
    return { clientId, identity: `${clientId} ${expiry}` };
  }
  const { clientId, digest } = notification.delivery;
  return { clientId, identity: `${clientId} ${digest}` };
}

function ownersOf({ directory, states }: HubRead, clientId: string): readonly Owner[] {
  return directory.flatMap(([application, stored]) =>
    typeof stored !== 'string' && stored.clientId === clientId
      ? [{ application, state: states.get(application.settings.id) }]
      : [],
  );
}

interface Owner {
  readonly application: Application;
  /** What its secret looked like a moment ago, where that was read already. */
  readonly state: StateRead | undefined;
}

/** Usually one application. Where some share a client id, each has a secret to be kept up to date, whatever befalls the others. */
async function serveOwners(
  notification: Understood,
  { owners, isComplete }: { readonly owners: readonly [Owner, ...Owner[]]; readonly isComplete: boolean },
  message: QueueMessage,
  context: MessageContext,
  about: About,
): Promise<Disposition> {
  const { identity } = contentOf(notification);
  const serving = context.served.get(identity) ?? serveAll(notification, owners, message.receiveCount);
  context.served.set(identity, serving);
  const kept = (await serving).map(({ application, reason }) =>
    keep(message, context, { ...about, application }, reason),
  );
  if (!isComplete && notification.type === 'new-secret' && message.receiveCount < RECEIVES_FOR_THE_UNREADABLE) {
    kept.push(keep(message, context, about, PERHAPS_ANOTHERS));
  }
  const [disposition] = kept;
  if (disposition !== undefined) {
    return disposition;
  }
  context.observe({
    what: 'message acknowledged',
    ...about,
    application: owners.map(({ application: { settings } }) => settings.id).join(', '),
  });
  return ACKNOWLEDGE;
}

async function serveAll(
  notification: Understood,
  [first, ...others]: readonly [Owner, ...Owner[]],
  receiveCount: number,
): Promise<Served> {
  const login = loginOnce(first.application.ports.lwa);
  const reasons = await Promise.all(
    [first, ...others].map(async (owner) => {
      const reason = await serve(notification, owner, receiveCount, login);
      return reason === undefined ? [] : [{ application: owner.application.settings.id, reason }];
    }),
  );
  return reasons.flat();
}

async function serve(
  notification: Understood,
  { application, state }: Owner,
  receiveCount: number,
  login: Login,
): Promise<KeepReason | undefined> {
  try {
    if (notification.type === 'expiry') {
      return await recordExpiryNotice(application, notification.notice);
    }
    return await installNewSecret(application, notification.delivery, receiveCount, { login, read: state });
  } catch (error) {
    return failureOf(error);
  }
}

/** Somebody else's, or that of an application about to be added or that cannot be read: a client secret must not be lost, nor a date. */
function unknownClientId(
  { type }: Understood,
  isComplete: boolean,
  { observe }: MessageContext,
  about: About,
): Disposition {
  if (type === 'expiry' && isComplete) {
    observe({ what: 'message acknowledged', ...about, next: NOBODYS });
    return ACKNOWLEDGE;
  }
  const known = isComplete ? NOBODYS : NOBODYS_THAT_COULD_BE_READ;
  observe({
    what: 'message unclaimed',
    ...about,
    next: `${known} The message was copied to the unclaimed queue; if the application is yours, add it or make it readable, and send the message back.`,
  });
  return { disposition: 'unclaimed' };
}

function keep(message: QueueMessage, { observe }: MessageContext, about: About, reason: KeepReason): Disposition {
  observe({ what: 'message kept', ...about, ...reason });
  return { disposition: 'keep', hiddenSeconds: hiddenSeconds(message.receiveCount) };
}

const NOT_UNDERSTOOD: Failure = {
  kind: 'needs-person',
  section: 'not-understood',
  next: 'The message may hold a client secret and is not understood. It is kept, in the end in the dead-letter queue. Read it there, without copying it anywhere.',
};

const NOBODYS = 'No application here has this client id.';

const NOBODYS_THAT_COULD_BE_READ = 'No application that could be read has this client id.';

const NOT_ALL_READABLE: Failure = {
  kind: 'needs-person',
  next: 'No application that could be read has this client id, and not all could be read. The message is kept for an hour. See what is wrong with the others: {"action":"status"}.',
};

const PERHAPS_ANOTHERS: KeepReason = {
  next: 'An application that could not be read may have this client id too. The message is looked at once more.',
};

function typeOf({ type }: Notification): About['notificationType'] {
  return type === 'new-secret' || type === 'expiry' ? type : 'other';
}
