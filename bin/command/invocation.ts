import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Answer } from '../../lambda/core/reconcile/answer';
import { MAX_REQUESTED_BY_LENGTH } from '../../lib/contract/limits';
import { OBSERVE_ALIAS } from '../../lib/contract/operators';
import { CommandFailed, EXIT } from './exit-code';

/** The timeout of the function, and a minute more for the network. */
const TIMEOUT_MILLISECONDS = 16 * 60_000;

interface Look {
  readonly action: 'status' | 'check' | 'history';
  /** Absent: all. */
  readonly application?: string;
}

interface Sweep {
  /** Absent: all. */
  readonly application?: string;
  readonly requestedBy: string;
}

type Payload =
  | Look
  | Sweep
  | {
      readonly action: 'rotate';
      readonly application: string;
      readonly force?: true;
      readonly requestedBy: string;
    }
  | (Note & {
      /** Absent: all. */
      readonly application?: string;
      readonly requestedBy: string;
    });

/** What a person says, for the journal. */
export type Note =
  | { readonly action: 'pause'; readonly until: string; readonly why: string }
  | { readonly action: 'resume' }
  | { readonly action: 'expires'; readonly on: string };

/**
 * Asks the rotate function for what it only reads: through its alias `observe`, which can do no more. Where that is not
 * allowed, or not there in an older deployment, the function itself is asked.
 */
export async function observe(functionName: string, payload: Look): Promise<Answer> {
  try {
    return await invoke(functionName, payload, isQualified(functionName) ? undefined : OBSERVE_ALIAS);
  } catch (error) {
    if (error instanceof Error && ['AccessDeniedException', 'ResourceNotFoundException'].includes(error.name)) {
      return invoke(functionName, payload);
    }
    throw error;
  }
}

/** Whether a name or an ARN already says which version or alias is meant. */
function isQualified(functionName: string): boolean {
  return functionName.split(':function:').at(-1)?.includes(':') === true;
}

/** Invokes the rotate function and returns its answer. */
export async function invoke(functionName: string, payload: Payload, qualifier?: string): Promise<Answer> {
  // Without retries, because the function may have rotated although no answer arrives.
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: TIMEOUT_MILLISECONDS } });
  try {
    const { FunctionError: functionError, Payload: body } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Qualifier: qualifier, Payload: JSON.stringify(payload) }),
    );
    const answer = JSON.parse(Buffer.from(body ?? []).toString('utf8')) as Partial<Answer> & {
      readonly errorType?: string;
      readonly errorMessage?: string;
    };
    const { applications, hub } = answer;
    if (functionError !== undefined || applications === undefined) {
      throw new CommandFailed(
        answer.errorType === 'UnknownApplication' ? EXIT.wrongUsage : EXIT.unreachable,
        `${functionName} failed: ${answer.errorMessage ?? functionError ?? 'it is not a rotate function'}`,
      );
    }
    return { applications, hub };
  } finally {
    client.destroy();
  }
}

export interface Caller {
  /** For the log, the events and the journal. It is not proven: who may invoke the function can send any name. */
  readonly name: string;
  /** Region that a function name without an ARN is in. */
  readonly region: string;
  readonly account: string;
}

export async function caller(): Promise<Caller> {
  const client = new STSClient({});
  try {
    const { Arn: arn = 'unknown', Account: account = 'unknown' } = await client.send(new GetCallerIdentityCommand({}));
    return { name: arn.slice(0, MAX_REQUESTED_BY_LENGTH), account, region: await client.config.region() };
  } finally {
    client.destroy();
  }
}
