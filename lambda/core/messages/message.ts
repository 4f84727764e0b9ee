import { receive, type Kept } from './new-secret';
import { notice } from './expiry-notice';
import { failureOf, type Failure } from '../failure';
import { MINUTE, SECOND, type Instant } from '../time';
import { match, type Directory, type Match } from './directory';
import { parseNotification, type Notification } from '../amazon/notification';
import type { Application } from '../application';
import type { Observation } from '../observation';

/** A message of the notification queue. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: Instant;
  /** How often it has been received, this time included. */
  readonly receiveCount: number;
}

/** What to do with a message. */
export type Verdict =
  | { readonly verdict: 'acknowledge' }
  /** Copy it to the unclaimed queue first. */
  | { readonly verdict: 'unclaimed' }
  | { readonly verdict: 'keep'; readonly hiddenSeconds: number };

/** What messages are judged against: read once a batch. */
export interface Surroundings {
  /** @throws {CallFailed} when the list of applications could not be read */
  readonly directory: () => Promise<Directory>;
  readonly observe: (observation: Observation) => void;
  readonly now: () => Instant;
}

/** How long a kept message stays hidden after each receive; propagation at LWA takes up to hours, 20 receives about seven. */
const HIDDEN: readonly number[] = [30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 15 * MINUTE];
const HIDDEN_LATER = 30 * MINUTE;

/**
 * An application that could not be read may have the client id of another: the message is looked at again for it, for minutes.
 * After that it would fill the dead-letter queue with messages of all others.
 */
const RECEIVES_FOR_THE_UNREADABLE = 4;
const PERHAPS_ANOTHERS =
  'An application that could not be read may have this client id too. The message is looked at once more.';

export function hiddenSeconds(receiveCount: number): number {
  return (HIDDEN[receiveCount - 1] ?? HIDDEN_LATER) / SECOND;
}

/** Judges one message. Never throws because of its content or the outside world. */
export async function judge(message: QueueMessage, surroundings: Surroundings): Promise<Verdict> {
  const notification = parseNotification(message.body, message.sentAt);
  const about = {
    messageId: message.messageId,
    notificationType: typeOf(notification),
    seconds: Math.max(0, Math.round((surroundings.now() - message.sentAt) / SECOND)),
  };
  try {
    return await handle(notification, message, surroundings, about);
  } catch (error) {
    return keep(message, surroundings, about, failureOf(error));
  }
}

type About = Pick<Observation, 'messageId' | 'seconds'> & {
  readonly notificationType: 'new-secret' | 'expiry' | 'other';
};

async function handle(
  notification: Notification,
  message: QueueMessage,
  surroundings: Surroundings,
  about: About,
): Promise<Verdict> {
  const { observe } = surroundings;
  switch (notification.type) {
    case 'harmless':
      observe({ what: 'message acknowledged', ...about, next: 'It is no notification about client secrets.' });
      return { verdict: 'acknowledge' };
    case 'not-understood':
      return keep(message, surroundings, about, notUnderstood());
    case 'new-secret':
    case 'expiry': {
      const { clientId } = notification.type === 'expiry' ? notification.notice : notification.delivery;
      const found = match(await surroundings.directory(), clientId);
      switch (found.match) {
        case 'unknown':
          return keep(message, surroundings, { ...about, clientId }, unknownOwner());
        case 'stranger':
          return stranger(notification.type, surroundings, { ...about, clientId });
        case 'found':
          return serve(notification, found, message, surroundings, { ...about, clientId });
      }
    }
  }
}

/** Usually one application. Where two share a client id, each has a secret to be kept up to date, whatever befalls the other. */
async function serve(
  notification: Extract<Notification, { type: 'new-secret' | 'expiry' }>,
  { applications, isComplete }: Extract<Match, { match: 'found' }>,
  message: QueueMessage,
  surroundings: Surroundings,
  about: About & { readonly clientId: string },
): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const application of applications) {
    const kept = await serveOne(notification, application, message.receiveCount);
    if (kept !== undefined) {
      verdicts.push(keep(message, surroundings, { ...about, application: application.settings.id }, kept));
    }
  }
  if (!isComplete && notification.type === 'new-secret' && message.receiveCount < RECEIVES_FOR_THE_UNREADABLE) {
    verdicts.push(keep(message, surroundings, about, { next: PERHAPS_ANOTHERS }));
  }
  const [verdict] = verdicts;
  if (verdict !== undefined) {
    return verdict;
  }
  surroundings.observe({
    what: 'message acknowledged',
    ...about,
    application: applications.map(({ settings }) => settings.id).join(', '),
  });
  return { verdict: 'acknowledge' };
}

async function serveOne(
  notification: Extract<Notification, { type: 'new-secret' | 'expiry' }>,
  application: Application,
  receiveCount: number,
): Promise<Kept> {
  try {
    return notification.type === 'expiry'
      ? await notice(application, notification.notice)
      : await receive(application, notification.delivery, receiveCount);
  } catch (error) {
    return failureOf(error);
  }
}

/** Somebody else's, or that of an application about to be added: its secret must not be lost. */
function stranger(
  type: 'new-secret' | 'expiry',
  { observe }: Surroundings,
  about: About & { readonly clientId: string },
): Verdict {
  if (type === 'expiry') {
    observe({ what: 'message acknowledged', ...about, next: 'No application here has this client id.' });
    return { verdict: 'acknowledge' };
  }
  observe({
    what: 'message unclaimed',
    ...about,
    next: 'No application here has this client id. The message was copied to the unclaimed queue; if the application is yours, add it and send the message back.',
  });
  return { verdict: 'unclaimed' };
}

function keep(
  message: QueueMessage,
  { observe }: Surroundings,
  about: Pick<Observation, 'messageId' | 'seconds' | 'notificationType' | 'clientId' | 'application'>,
  why: NonNullable<Kept>,
): Verdict {
  observe({ what: 'message kept', ...about, ...why });
  return { verdict: 'keep', hiddenSeconds: hiddenSeconds(message.receiveCount) };
}

function notUnderstood(): Failure {
  return {
    kind: 'needs-person',
    next: 'The message may hold a client secret and is not understood. It is kept, in the end in the dead-letter queue. Read it there, without copying it anywhere.',
  };
}

function unknownOwner(): Failure {
  return {
    kind: 'needs-person',
    next: 'No application that could be read has this client id, and not all could be read. The message is kept. See what is wrong with the others: {"action":"status"}.',
  };
}

function typeOf(notification: Notification): About['notificationType'] {
  return notification.type === 'new-secret' || notification.type === 'expiry' ? notification.type : 'other';
}
