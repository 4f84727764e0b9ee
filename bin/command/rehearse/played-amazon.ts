import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ConsoleAnswer, LookedAt } from '../../../lambda/rehearsal/console';
import type { ConsoleInput } from '../../../lambda/rehearsal/console-request';
import { CommandFailed, EXIT } from '../exit-code';

/** The function that plays Amazon, as whoever may invoke it uses it. */
export class PlayedAmazon {
  /** Without retries, because most requests change what is played; so each has a connection that nobody can have closed. */
  private readonly client = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } },
  });

  constructor(private readonly functionArn: string) {}

  async ask(request: ConsoleInput): Promise<ConsoleAnswer> {
    const { FunctionError: failed, Payload: payload } = await this.client.send(
      new InvokeCommand({ FunctionName: this.functionArn, Payload: JSON.stringify(request) }),
    );
    const answer = JSON.parse(Buffer.from(payload ?? []).toString('utf8')) as ConsoleAnswer & { errorMessage?: string };
    if (failed !== undefined) {
      throw new CommandFailed(EXIT.unreachable, `the played Amazon failed: ${answer.errorMessage ?? failed}`);
    }
    if (answer.refused !== undefined) {
      throw new CommandFailed(
        EXIT.needsAttention,
        `the notification queue refused a message of the played Amazon: ${answer.refused.join(', ')}`,
      );
    }
    return answer;
  }

  async look(application: string): Promise<LookedAt> {
    const { applications = [] } = await this.ask({ action: 'look' });
    const found = applications.find((one) => one.application === application);
    if (found === undefined) {
      throw new CommandFailed(EXIT.unreachable, `${application} is not registered with the rehearsal`);
    }
    return found;
  }

  end(): void {
    this.client.destroy();
  }
}
