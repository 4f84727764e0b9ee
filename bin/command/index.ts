#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { APPLICATION_ID } from '../../lib/contract/limits';
import { RUNBOOK_URL } from '../../lib/contract/operators';
import { confirm } from './confirmation';
import { CommandFailed, EXIT, EXIT_CODES_HELP, exitCodeOf, exitCodeOfRotation } from './exit-code';
import { findRotateFunction } from './hub-function';
import { caller, invoke } from './invocation';
import { tableOf } from './presentation';

declare const __PACKAGE_VERSION__: string;

interface Options {
  readonly stack?: string;
  readonly functionName?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly json?: true;
  readonly application?: string;
}

interface RotateOptions extends Options {
  readonly application: string;
  readonly force?: true;
  readonly yes?: true;
}

const program = new Command('cdk-sp-api-secret-rotation')
  .description('Asks the hub that renews the client secrets of SP-API applications.')
  .version(__PACKAGE_VERSION__)
  .addHelpText('after', `${EXIT_CODES_HELP}\n\nRunbook: ${RUNBOOK_URL}`)
  .showHelpAfterError('(--help says more)')
  .exitOverride();

subcommand('status', 'shows each application: its state, its dates and what is next; reads only')
  .option('-a, --application <id>', 'only this one')
  .action(async (options: Options) => {
    await show('status', options);
  });

subcommand('check', 'the same, and whether a rotation would find its way: queue, policy, key, token')
  .option('-a, --application <id>', 'only this one')
  .action(async (options: Options) => {
    await show('check', options);
  });

subcommand('rotate', 'asks Amazon for a new client secret now, unless a guard holds it back')
  .requiredOption('-a, --application <id>', 'whose client secret')
  .option('-f, --force', 'also inside the 7-day overlap of the last rotation, and when that one is stalled')
  .option('-y, --yes', 'do not ask before')
  .action(rotate);

function subcommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-s, --stack <name>', 'the stack that the hub is in (default: the only one in the region)')
    .option('--function-name <name>', 'the rotate function itself; no look at CloudFormation is needed then')
    .option('--region <region>', 'AWS region (default: that of the environment or profile)')
    .option('--profile <profile>', 'AWS profile')
    .option('--json', 'the answers as JSON, for machines')
    .addHelpText('after', EXIT_CODES_HELP);
}

async function show(action: 'status' | 'check', options: Options): Promise<void> {
  const answers = await invoke(await functionOf(options), { action });
  const wanted = answers.filter(({ application }) => (options.application ?? application) === application);
  if (wanted.length === 0) {
    const ids = answers.map(({ application }) => application).join(', ');
    throw new CommandFailed(EXIT.wrongUsage, `this hub has no such application; it has: ${ids}`);
  }
  print(wanted, options);
  process.exitCode = exitCodeOf(wanted);
}

async function rotate(options: RotateOptions): Promise<void> {
  const { application } = options;
  if (!APPLICATION_ID.test(application)) {
    throw new CommandFailed(EXIT.wrongUsage, 'an application id is 1 to 64 letters, digits, hyphens and underscores');
  }
  const functionName = await functionOf(options);
  const requestedBy = await caller();
  if (options.yes !== true) {
    const force =
      options.force === true
        ? ' By force: if the client secret before the present one is still in use, it may end at once.'
        : '';
    await confirm(
      `Rotate the client secret of ${application}? The present one works for 7 more days.${force} Asked for by ${requestedBy}.`,
    );
  }
  const answers = await invoke(functionName, {
    action: 'rotate',
    application,
    ...(options.force === true && { force: true }),
    requestedBy,
  });
  print(answers, options);
  const [answer] = answers;
  process.exitCode = answer === undefined ? EXIT.unreachable : exitCodeOfRotation(answer);
}

/** Where the clients of AWS look, before any of them is made. */
async function functionOf({ region, profile, functionName, stack }: Options): Promise<string> {
  if (profile !== undefined) {
    process.env.AWS_PROFILE = profile;
  }
  if (region !== undefined) {
    process.env.AWS_REGION = region;
  }
  return functionName ?? findRotateFunction(stack);
}

function print(answers: readonly ApplicationAnswer[], { json }: Options): void {
  console.log(
    json === true
      ? JSON.stringify({ applications: answers }, undefined, 2)
      : tableOf(answers, Date.now(), process.stdout.columns),
  );
}

/** What went wrong, in the words of whoever said it, and without a stack trace. */
function explain(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has said it already.
    process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.wrongUsage;
  } else if (error instanceof CommandFailed) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    console.error(`${name}: ${message}`);
    process.exitCode = EXIT.unreachable;
  }
}

// People run this with whatever Node.js they have; that the clients have plans is no news at 3 a.m.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
program.parseAsync().catch(explain);
