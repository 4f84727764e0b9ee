import pMap from 'p-map';
import { withDeadline } from '../deadline';
import { LABEL, type Application } from '../ports';
import { readCredentials } from '../secret/text';
import { SECOND } from '../time';

const CONCURRENCY = 20;

/** Of the minute that the store function has. Where reads hang, the rest must do to keep, hide and report the messages. */
const BUDGET = 20 * SECOND;

/** The client id of each application, read once; `undefined` for those that could not be read. */
export type Directory = readonly (readonly [Application, string | undefined])[];

/** The applications that have a client id. */
export interface Owners {
  readonly applications: readonly Application[];
  /** Whether no further application can have it: all could be read. */
  readonly isComplete: boolean;
}

/** Applications that were not read in time count as unreadable. */
export async function readDirectory(applications: readonly Application[]): Promise<Directory> {
  const deadline = (applications[0]?.ports.clock.now() ?? 0) + BUDGET;
  return pMap(
    applications,
    async (application) => {
      const ports = withDeadline(application.ports, Math.min(application.ports.deadline, deadline));
      return [application, await clientIdOf({ ...application, ports })] as const;
    },
    { concurrency: CONCURRENCY },
  );
}

export function ownersOf(directory: Directory, clientId: string): Owners {
  return {
    applications: directory.flatMap(([application, id]) => (id === clientId ? [application] : [])),
    isComplete: directory.every(([, id]) => id !== undefined),
  };
}

/** Whatever stands in the way counts as unreadable, a defect too: the sweep that meets it tells. */
async function clientIdOf(application: Application): Promise<string | undefined> {
  if (application.misconfigured !== undefined) {
    return undefined;
  }
  try {
    const version = await application.ports.secrets.readLabel(LABEL.current);
    const read = version === undefined ? undefined : readCredentials(version.text, application.settings);
    return read !== undefined && 'credentials' in read ? read.credentials.clientId : undefined;
  } catch {
    return undefined;
  }
}
