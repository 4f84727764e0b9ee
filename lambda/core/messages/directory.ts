import pMap from 'p-map';
import { CallFailed, LABEL, type Application } from '../ports';
import { readCredentials } from '../secret/text';

const CONCURRENCY = 20;

/** The client id of each application, read once; `undefined` for those that could not be read. */
export type Directory = readonly (readonly [Application, string | undefined])[];

/** The applications that have a client id. */
export interface Owners {
  readonly applications: readonly Application[];
  /** Whether no further application can have it: all could be read. */
  readonly isComplete: boolean;
}

export async function readDirectory(applications: readonly Application[]): Promise<Directory> {
  return pMap(applications, async (application) => [application, await clientIdOf(application)] as const, {
    concurrency: CONCURRENCY,
  });
}

export function ownersOf(directory: Directory, clientId: string): Owners {
  return {
    applications: directory.flatMap(([application, id]) => (id === clientId ? [application] : [])),
    isComplete: directory.every(([, id]) => id !== undefined),
  };
}

async function clientIdOf(application: Application): Promise<string | undefined> {
  try {
    const version = await application.ports.secrets.readLabel(LABEL.current);
    const read = version === undefined ? undefined : readCredentials(version.text, application.settings);
    return read !== undefined && 'credentials' in read ? read.credentials.clientId : undefined;
  } catch (error) {
    if (error instanceof CallFailed) {
      return undefined;
    }
    throw error;
  }
}
