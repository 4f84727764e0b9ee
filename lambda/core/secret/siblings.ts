import { withDeadline } from '../deadline';
import type { JournalHead } from '../journal/log';
import { CallFailed, type Application, type ClientCredentials } from '../ports';
import { readTwoVersions, type CurrentSecret } from './read';

/** Another application of the hub with the same client id: for Amazon, the same application. */
export interface Sibling {
  readonly application: Application;
  /** As the directory has them. */
  readonly credentials: ClientCredentials;
  /** `undefined` where secret or journal cannot be read, or there is no journal yet. */
  readonly read: { readonly current: CurrentSecret; readonly head: JournalHead } | undefined;
}

/**
 * Reads the journals of the siblings as they are now.
 *
 * @throws {CallFailed} where one cannot be read for the moment; a failure that lasts holds nobody up
 */
export async function readSiblings(application: Application, clientId: string): Promise<readonly Sibling[]> {
  const { ports, settings } = application;
  const directory = (await application.directory()).filter(([other]) => other.settings.id !== settings.id);
  if (directory.some(([, stored]) => stored === 'unread')) {
    // Any of these may be one.
    throw new CallFailed('secretsmanager:GetSecretValue', 'Unreachable');
  }
  const others = directory.flatMap(([other, stored]) =>
    typeof stored !== 'string' && stored.clientId === clientId
      ? [[{ ...other, ports: withDeadline(other.ports, ports.deadline) }, stored] as const]
      : [],
  );
  return Promise.all(
    others.map(async ([other, credentials]) => {
      const read = await readUnlessLost(other);
      return { application: other, credentials, read: read?.head.entry.clientId === clientId ? read : undefined };
    }),
  );
}

async function readUnlessLost(application: Application): Promise<Sibling['read']> {
  try {
    return await readTwoVersions(application);
  } catch (error) {
    if (error instanceof CallFailed && !error.isLasting) {
      throw error;
    }
    // A defect is told by the sweep over that application.
    return undefined;
  }
}
