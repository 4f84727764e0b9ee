import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { CommandFailed, EXIT } from './exit-code';

/** As long as the function may run, and a little for the way. */
const TIMEOUT = 16 * 60_000;

/** As much as the function takes. */
const LONGEST_CLAIM = 256;

export type Payload =
  | { readonly action: 'status' | 'check' }
  | {
      readonly action: 'rotate';
      readonly application: string;
      readonly force?: true;
      readonly requestedBy: string;
    };

/** Asks the rotate function. */
export async function invoke(functionName: string, payload: Payload): Promise<readonly ApplicationAnswer[]> {
  // Once: what was sent may have been done, also when no answer comes.
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: TIMEOUT } });
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
        `${functionName} failed: ${answer.errorMessage ?? functionError ?? 'it is no rotate function'}`,
      );
    }
    return answer.applications;
  } finally {
    client.destroy();
  }
}

/** Who is asking, for the log, the events and the journal. A claim: whoever may invoke the function may send another. */
export async function caller(): Promise<string> {
  const client = new STSClient({});
  try {
    const { Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
    return (arn ?? 'unknown').slice(0, LONGEST_CLAIM);
  } finally {
    client.destroy();
  }
}
