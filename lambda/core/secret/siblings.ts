import { withDeadline } from '../deadline';
import { CallFailed, type Application, type ClientCredentials } from '../ports';
import { readJournalBesideCurrent, type JournalBesideCurrent } from './read';

/** Another application of the hub with the same client id: for Amazon, the same application. */
export interface Sibling {
  readonly application: Application;
  /** As the directory has them. `undefined` where somebody stored what is none: then its journal tells whose it is. */
  readonly credentials: ClientCredentials | undefined;
  /** `undefined` where secret or journal cannot be read, or there is no journal yet. */
  readonly read: JournalBesideCurrent | undefined;
}

/** Whether another application of the hub holds this client id, by what was read of all of them at once. */
export async function sharesClientId({ directory, settings }: Application, clientId: string): Promise<boolean> {
  return (await directory()).some(
    ([other, stored]) =>
      typeof stored !== 'string' && stored.clientId === clientId && other.settings.id !== settings.id,
  );
}

/** Those of which it is not known that they are none: one that could not be read when the directory was made may be one too. */
export async function possibleSiblings(
  { directory, settings }: Application,
  clientId: string,
): Promise<readonly (readonly [Application, ClientCredentials | 'unreadable'])[]> {
  return (await directory()).flatMap(([other, stored]) =>
    other.settings.id !== settings.id && stored !== 'empty' && (stored === 'unreadable' || stored.clientId === clientId)
      ? [[other, stored] as const]
      : [],
  );
}

/**
 * Reads the journals of the siblings as they are now.
 *
 * @throws {CallFailed} where one cannot be read for the moment; a failure that lasts holds nobody up
 */
export async function readSiblings(application: Application, clientId: string): Promise<readonly Sibling[]> {
  const { ports } = application;
  const siblings = await Promise.all(
    (await possibleSiblings(application, clientId)).map(async ([other, stored]) => {
      const sibling = { ...other, ports: withDeadline(other.ports, ports.deadline) };
      const read = await readUnlessLost(sibling);
      const credentials = stored === 'unreadable' ? read?.current?.credentials : stored;
      const isSame = read?.head.entry.clientId === clientId;
      return (credentials === undefined ? isSame : credentials.clientId === clientId)
        ? [{ application: sibling, credentials, read: isSame ? read : undefined }]
        : [];
    }),
  );
  return siblings.flat();
}

async function readUnlessLost(application: Application): Promise<Sibling['read']> {
  try {
    return await readJournalBesideCurrent(application);
  } catch (error) {
    if (error instanceof CallFailed && !error.isLasting) {
      throw error;
    }
    // A defect is told by the sweep over that application.
    return undefined;
  }
}
