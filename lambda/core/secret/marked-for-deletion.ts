import { CallFailed, type Application } from '../ports';
import { toIso } from '../time';

/**
 * Reads a secret. Of one that is marked for deletion nothing can be read but its description: then that is said, and how to
 * restore it.
 *
 * @throws {CallFailed}
 */
export async function tellingDeletion<Read>({ ports, settings }: Application, read: Promise<Read>): Promise<Read> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof CallFailed) || error.code !== 'InvalidRequestException') {
      throw error;
    }
    const { deletedAt } = await ports.secrets.describe();
    if (deletedAt === undefined) {
      throw error;
    }
    const { operation, code, requestId } = error;
    const advice = adviceOf(settings.secretArn, toIso(deletedAt));
    throw new CallFailed(operation, code, requestId, advice, 'secret-marked-for-deletion');
  }
}

/** AWS documents the date as that of the deletion in one place, and as that of the mark in another. */
function adviceOf(secretArn: string, date: string): string {
  return `The secret is marked for deletion (DeletedDate ${date}), and nobody can read it. Restore it now: aws secretsmanager restore-secret --secret-id ${secretArn}. A deployment does not.`;
}
