import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { MAX_REQUESTED_BY_LENGTH } from '../../lib/contract/limits';
import { CommandFailed, EXIT } from './exit-code';

/** The timeout of the function, and a minute more for the network. */
const TIMEOUT_MILLISECONDS = 16 * 60_000;

type Payload =
  | { readonly action: 'status' | 'check' }
  | {
      readonly action: 'rotate';
      readonly application: string;
      readonly force?: true;
      readonly requestedBy: string;
    };

/** Invokes the rotate function and returns its answers. */
export async function invoke(functionName: string, payload: Payload): Promise<readonly ApplicationAnswer[]> {
  // Without retries, because the function may have rotated although no answer arrives.
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: TIMEOUT_MILLISECONDS } });
  try {
    const { FunctionError: functionError, Payload: body } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) }),
    );
    const answer = JSON.parse(Buffer.from(body ?? []).toString('utf8')) as {
      readonly applications?: readonly ApplicationAnswer[];
      readonly errorType?: string;
      readonly errorMessage?: string;
    };
    if (functionError !== undefined || answer.applications === undefined) {
      throw new CommandFailed(
        answer.errorType === 'UnknownApplication' ? EXIT.wrongUsage : EXIT.unreachable,
        `${functionName} failed: ${answer.errorMessage ?? functionError ?? 'it is not a rotate function'}`,
      );
    }
    return answer.applications;
  } finally {
    client.destroy();
  }
}

/**
 * The ARN of the caller, for the log, the events and the journal. It is not proven: who may invoke the function can send
 * any name.
 */
export async function caller(): Promise<string> {
  const client = new STSClient({});
  try {
    const { Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
    return (arn ?? 'unknown').slice(0, MAX_REQUESTED_BY_LENGTH);
  } finally {
    client.destroy();
  }
}
