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
  defect.stack = [`${defect.name}: ${defect.message}`, ...(error instanceof Error ? framesOf(error) : [])].join('\n');
  return defect;
}

/** A stack begins with the message, which may have lines that look like frames: only what follows it is looked at. */
function framesOf({ message, stack = '' }: Error): string[] {
  const end = stack.indexOf(message);
  const frames = end < 0 ? '' : stack.slice(end + message.length);
  return frames.split('\n').filter((line) => line.startsWith('    at '));
}
