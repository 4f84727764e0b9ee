import { CallFailed } from '../core/ports';
import { BadRequest } from '../core/rotation/request';
import { UnknownApplication } from '../core/reconcile/all';
import { Misconfigured } from './environment';

/** A defect of this package. Says where, not what: the message of an unexpected error may quote a secret. */
class Defect extends Error {
  override readonly name = 'Defect';
}

/** The error as it may leave the function: the Lambda runtime prints all of it, its cause and properties included. */
export function showable(error: unknown): Error {
  if (
    error instanceof CallFailed ||
    error instanceof BadRequest ||
    error instanceof UnknownApplication ||
    error instanceof Misconfigured
  ) {
    return error;
  }
  const defect = new Defect('a defect in cdk-sp-api-secret-rotation; please report it with this stack trace');
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  defect.stack = [`${defect.name}: ${defect.message}`, ...frames].join('\n');
  return defect;
}
