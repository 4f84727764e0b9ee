import pMap from 'p-map';
import { LABEL } from '../secret/labels';
import type { Application } from '../application';
import { CallFailed } from '../ports';
import { readCredentials } from '../secret/text';

const CONCURRENCY = 20;

/** Which applications have a client id. */
export type Match =
  | {
      readonly match: 'found';
      readonly applications: readonly Application[];
      /** Whether none has it that could not be read. */
      readonly isComplete: boolean;
    }
  /** None has it, and all could be asked. */
  | { readonly match: 'stranger' }
  /** None of those that could be read has it. */
  | { readonly match: 'unknown' };

/** The client id of each application, read once; `undefined` for those that could not be read. */
export type Directory = readonly (readonly [Application, string | undefined])[];

export async function readDirectory(applications: readonly Application[]): Promise<Directory> {
  return pMap(applications, async (application) => [application, await clientIdOf(application)] as const, {
    concurrency: CONCURRENCY,
  });
}

export function match(directory: Directory, clientId: string): Match {
  const applications = directory.flatMap(([application, id]) => (id === clientId ? [application] : []));
  const isComplete = directory.every(([, id]) => id !== undefined);
  if (applications.length > 0) {
    return { match: 'found', applications, isComplete };
  }
  return isComplete ? { match: 'stranger' } : { match: 'unknown' };
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
