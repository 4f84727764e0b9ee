#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { Answer } from '../../lambda/core/reconcile/answer';
import { fromDate } from '../../lambda/core/time';
import { couldBeCredential } from '../../lib/contract/credential';
import { APPLICATION_ID, MAX_PAUSE_DAYS, MAX_WHY_LENGTH, SHOWABLE } from '../../lib/contract/limits';
import { RUNBOOK_URL } from '../../lib/contract/operators';
import { allowReadersToLeave } from './broken-pipe';
import { confirm } from './dialogue';
import { drill } from './drill';
import { CommandFailed, EXIT, EXIT_CODES_HELP, exitCodeOf, exitCodeOfRotation } from './exit-code';
import { findHub } from './hub-function';
import { readHubIds, readHubSettings } from './hub-settings';
import { onInterrupt } from './interrupt';
import { caller, invoke, observe, type Caller, type Note } from './invocation';
import { historyTextOf, textOf } from './presentation';
import { printable } from './printable';
import { AwaitedRotation, type RotationToAwait } from './rotate/awaited-rotation';
import { seed } from './seed';
import { rehearse } from './rehearse';
import { perform } from './steps';

declare const __PACKAGE_VERSION__: string;

interface Options {
  readonly stack?: string;
  readonly functionName?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly json?: true;
  readonly application?: string;
}

interface OneApplication extends Options {
  readonly application: string;
}

interface RotateOptions extends OneApplication {
  readonly force?: true;
  readonly yes?: true;
  readonly wait?: true;
  readonly timeout?: number;
  readonly smokeTest?: string;
}

interface PauseOptions extends Options {
  readonly until: string;
  readonly why: string;
}

interface ExpiresOptions extends OneApplication {
  readonly on: string;
}

interface DrillOptions extends Options {
  readonly yes?: true;
}

interface RehearseOptions extends DrillOptions {
  readonly leaveOut?: readonly string[];
  readonly cleanup?: true;
}

const program = new Command('cdk-sp-api-secret-rotation')
  .description(
    'Seeds, shows, checks, sweeps and rotates the client secrets of SP-API applications of a deployed stack, rings its alarms, and rehearses.',
  )
  .version(__PACKAGE_VERSION__)
  .addHelpText('after', `${EXIT_CODES_HELP}\n\nRunbook: ${RUNBOOK_URL}`)
  .showHelpAfterError('(--help says more)')
  .exitOverride()
  // What Commander says quotes the command line.
  .configureOutput({
    writeErr: (text) => {
      process.stderr.write(
        couldBeCredential(text) ? 'the command line holds what could be a credential\n' : printable(text),
      );
    },
  });

/** Amazon delivers within seconds as a rule. What has not come after an hour is reported as stalled. */
const DEFAULT_MINUTES = 15;
const MAX_MINUTES = 1440;

const JSON_OPTION = ['--json', 'print the answers as JSON'] as const;

subcommand(
  'seed',
  'asks for a client id and a client secret, tries them, and stores them in the secret of an application',
)
  .requiredOption('-a, --application <id>', 'the application to seed')
  .action(async (options: OneApplication) => {
    requireApplicationId(options.application);
    await seed(await readHubSettings(await functionOf(options), options.application));
  });

subcommand('status', 'shows the state of each application, its dates and the next step; only reads')
  .option(...JSON_OPTION)
  .option('-a, --application <id>', 'only this application')
  .action(async (options: Options) => {
    await show('status', options);
  });

subcommand('check', 'does the same, and checks what a rotation needs: queue, policy, key and token')
  .option(...JSON_OPTION)
  .option('-a, --application <id>', 'only this application')
  .action(async (options: Options) => {
    await show('check', options);
  });

subcommand('history', 'shows the last twelve rotations of an application; only reads')
  .option(...JSON_OPTION)
  .requiredOption('-a, --application <id>', 'the application')
  .action(async (options: OneApplication) => {
    requireApplicationId(options.application);
    const { application, json } = options;
    const { applications } = await observe(await functionOf(options), { action: 'history', application });
    if (json === true) {
      print({ applications }, options);
    } else {
      console.log(printable(applications.map(historyTextOf).join('\n')));
    }
  });

subcommand(
  'sweep',
  'does now what the schedule does each hour: the next step of each application, a rotation if one is due',
)
  .option(...JSON_OPTION)
  .option('-a, --application <id>', 'only this application; then no metric of the hub is published, and no alarm ends')
  .action(sweep);

subcommand('rotate', 'asks Amazon for a new client secret now, unless a guard prevents it')
  .requiredOption('-a, --application <id>', 'the application to rotate')
  .option('-f, --force', 'rotate also during the 7-day overlap of the last rotation, and if that rotation is stalled')
  .option('-y, --yes', 'do not ask for confirmation')
  .option('-w, --wait', 'show each step, and end when the new client secret is current and LWA accepts it')
  .option('--timeout <minutes>', `how long --wait waits, 1440 at most (default: ${DEFAULT_MINUTES})`, readMinutes)
  .option(
    '--smoke-test <command>',
    'after --wait, run your own check in the shell, with ROTATED_APPLICATION, ROTATED_SECRET_ARN and ROTATED_VERSION_ID',
  )
  .option(...JSON_OPTION)
  .action(rotate);

subcommand('pause', 'asks for no rotation by the schedule until a day; deliveries are installed all the same')
  .option('-a, --application <id>', 'only this application; else all of the hub')
  .requiredOption(
    '--until <day>',
    `when the pause ends: 2026-12-02, or a time with its zone; ${MAX_PAUSE_DAYS} days at most, and never within 21 days of the expiry`,
    readDay,
  )
  .requiredOption('--why <text>', 'for the journal, the status and the log', readWhy)
  .option(...JSON_OPTION)
  .action(({ until, why, ...options }: PauseOptions) => note({ action: 'pause', until, why }, options));

subcommand('resume', 'ends a pause')
  .option('-a, --application <id>', 'only this application; else all of the hub')
  .option(...JSON_OPTION)
  .action((options: Options) => note({ action: 'resume' }, options));

subcommand(
  'expires',
  'tells the date that the Developer Console shows, for a client secret of which Amazon told none yet',
)
  .requiredOption('-a, --application <id>', 'the application')
  .requiredOption('--on <day>', 'when its current client secret expires: 2027-03-18, or a time with its zone', readDay)
  .option(...JSON_OPTION)
  .action(({ on, ...options }: ExpiresOptions) => note({ action: 'expires', on }, options));

subcommand(
  'drill',
  'rings each alarm of the hub, says who should hear it and who would not, and sets the alarms back; calls no function',
)
  .option('-y, --yes', 'do not ask for confirmation')
  .option('--json', 'print the result as JSON')
  .action(async (options: DrillOptions) => {
    useProfileAndRegion(options);
    const hub = await findHub(options.stack, options.functionName);
    await drill(hub, await caller(), { yes: options.yes === true, json: options.json === true });
  });

subcommand(
  'rehearse',
  'rotates against a played Amazon in a deployed rehearsal, with what can go wrong, and says what passed',
)
  .option('--leave-out <act...>', 'acts that are not played, such as alarm')
  .option('--cleanup', 'delete the stack of the rehearsal with all that is in it, instead')
  .option('-y, --yes', 'with --cleanup: do not ask for confirmation')
  .option('--json', 'print the verdicts as JSON')
  .action(async (options: RehearseOptions) => {
    useProfileAndRegion(options);
    const { stack, leaveOut = [], cleanup, yes, json } = options;
    requireRehearsal(options);
    await rehearse({ stack, leaveOut, cleanup: cleanup === true, yes: yes === true, json: json === true });
  });

function subcommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-s, --stack <name>', 'the stack with the SpApiSecretRotation (default: the only one in the region)')
    .option('--function-name <name>', 'the name of the rotate function; CloudFormation is not asked for it then')
    .option('--region <region>', 'AWS region (default: from the environment or the profile)')
    .option('--profile <profile>', 'AWS profile')
    .addHelpText('after', EXIT_CODES_HELP);
}

async function show(action: 'status' | 'check', options: Options): Promise<void> {
  const { application } = options;
  if (application !== undefined) {
    requireApplicationId(application);
  }
  const functionName = await functionOf(options);
  const look = { action, ...(application !== undefined && { application }) };
  const { applications, hub } = await observe(functionName, look).catch((error: unknown) =>
    printIds(functionName, options, error),
  );
  print({ applications, hub }, options);
  process.exitCode = exitCodeOf(applications);
}

/** Where the function cannot answer, the ids of the hub are needed all the more. */
async function printIds(functionName: string, options: Options, error: unknown): Promise<never> {
  if (options.json === true) {
    // Who may not read them sees why the function did not answer, not this.
    const hub = await readHubIds(functionName).catch(() => undefined);
    print({ applications: [], hub }, options);
  }
  throw error;
}

async function sweep(options: Options): Promise<void> {
  const { application } = options;
  if (application !== undefined) {
    requireApplicationId(application);
  }
  const functionName = await functionOf(options);
  const who = await caller();
  console.error(printable(`Sweeps ${application ?? 'all applications'} through ${placeOf(functionName, who)}`));
  const answer = await invoke(functionName, {
    ...(application !== undefined && { application }),
    requestedBy: who.name,
  });
  print(answer, options);
  process.exitCode = exitCodeOf(answer.applications);
}

/** Writes down what a person says, and shows the status after it. */
async function note(said: Note, options: Options): Promise<void> {
  const { application } = options;
  if (application !== undefined) {
    requireApplicationId(application);
  }
  const functionName = await functionOf(options);
  const who = await caller();
  console.error(printable(`${said.action} ${application ?? 'all applications'}: ${placeOf(functionName, who)}`));
  const answer = await invoke(functionName, {
    ...said,
    ...(application !== undefined && { application }),
    requestedBy: who.name,
  });
  print(answer, options);
  process.exitCode = answer.applications.every(({ recorded }) => recorded === true) ? EXIT.fine : EXIT.prevented;
}

async function rotate(options: RotateOptions): Promise<void> {
  const { application } = options;
  requireApplicationId(application);
  requireWait(options);
  const functionName = await functionOf(options);
  const who = await caller();
  console.error(`Rotates ${application} through ${placeOf(functionName, who)}`);
  if (options.yes !== true) {
    const force =
      options.force === true
        ? ' With force, the previous client secret may stop working at once, even if it is still in use.'
        : '';
    await confirm(
      `Rotate the client secret of ${application}? The current one works for 7 more days; one before it that still works, because somebody rotated in the Developer Console, may stop at once.${force} Requested by ${who.name}.`,
    );
  }
  if (options.wait === true) {
    await rotateAndWait({
      functionName,
      application,
      force: options.force === true,
      requestedBy: who.name,
      minutes: options.timeout ?? DEFAULT_MINUTES,
      smokeTest: options.smokeTest,
      json: options.json === true,
    });
    return;
  }
  const answer = await invoke(functionName, {
    action: 'rotate',
    application,
    ...(options.force === true && { force: true }),
    requestedBy: who.name,
  });
  print(answer, options);
  const [rotated] = answer.applications;
  process.exitCode = rotated === undefined ? EXIT.unreachable : exitCodeOfRotation(rotated);
}

/** Ctrl-C leaves nothing behind: whoever waits only looks. */
async function rotateAndWait(options: RotationToAwait): Promise<void> {
  const rotation = new AwaitedRotation(options);
  const stopListening = onInterrupt(() => {
    console.error(`\nNo longer waited for. ${rotation.whatGoesOn}`);
    process.exit(EXIT.interrupted);
  });
  try {
    await perform(rotation.steps, options);
  } finally {
    stopListening();
    if (rotation.answer !== undefined) {
      const { smokeTest } = rotation;
      print({ ...rotation.answer, ...(smokeTest !== undefined && { smokeTest }) }, options);
    }
  }
}

/** A rehearsal is found by its stack: a function that only says so is not believed. */
function requireRehearsal({ functionName }: RehearseOptions): void {
  if (functionName !== undefined) {
    throw new CommandFailed(EXIT.wrongUsage, 'rehearse takes --stack, not --function-name; nothing was done');
  }
}

function requireWait({ wait, timeout, smokeTest }: RotateOptions): void {
  if (wait !== true && (timeout !== undefined || smokeTest !== undefined)) {
    throw new CommandFailed(EXIT.wrongUsage, '--timeout and --smoke-test need --wait; nothing was rotated');
  }
}

function readMinutes(text: string): number {
  const minutes = Number(text);
  if (!(minutes > 0 && minutes <= MAX_MINUTES)) {
    throw new InvalidArgumentError(`It must be a number of minutes, more than 0 and ${MAX_MINUTES} at most.`);
  }
  return minutes;
}

function readDay(text: string): string {
  if (fromDate(text) === undefined) {
    throw new InvalidArgumentError('It must be a day, such as 2026-12-02, or a time with its zone.');
  }
  return text;
}

function readWhy(text: string): string {
  if (text.length > MAX_WHY_LENGTH || !SHOWABLE.test(text) || couldBeCredential(text)) {
    throw new InvalidArgumentError(`It must be ${MAX_WHY_LENGTH} printable characters at most, without a credential.`);
  }
  return text;
}

/** What somebody who rotates must recognize before it happens. */
function placeOf(functionName: string, { account, region }: Caller): string {
  const arn = functionName.startsWith('arn:') ? functionName.split(':') : undefined;
  return `${functionName}, account ${arn?.[4] ?? account}, region ${arn?.[3] ?? region}`;
}

function requireApplicationId(id: string): void {
  if (!APPLICATION_ID.test(id)) {
    throw new CommandFailed(
      EXIT.wrongUsage,
      `an application id must be 1 to 64 letters, digits, hyphens and underscores; received ${couldBeCredential(id) ? 'a text that could be a credential' : JSON.stringify(id)}`,
    );
  }
}

async function functionOf(options: Options): Promise<string> {
  useProfileAndRegion(options);
  const { functionName, stack } = options;
  return functionName ?? (await findHub(stack)).functionArn;
}

/** For the AWS clients, so it must run before one is created. */
function useProfileAndRegion({ region, profile }: Options): void {
  if (profile !== undefined) {
    process.env.AWS_PROFILE = profile;
  }
  if (region !== undefined) {
    process.env.AWS_REGION = region;
  }
}

function print(answer: Answer, { json }: { readonly json?: boolean | undefined }): void {
  const text =
    json === true ? JSON.stringify(answer, undefined, 2) : textOf(answer, Date.now(), process.stdout.columns);
  console.log(printable(text));
}

/** Prints the message of an error, without a stack trace. */
function explain(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has already printed the message.
    process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.wrongUsage;
  } else if (error instanceof CommandFailed) {
    console.error(printable(error.message));
    process.exitCode = error.exitCode;
  } else {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    console.error(printable([`${name}: ${message}`, adviceFor(name, message)].join('')));
    process.exitCode = EXIT.unreachable;
  }
}

/** What the AWS clients leave out: how this command is told whose account and which region. */
function adviceFor(name: string, message: string): string {
  if (name === 'CredentialsProviderError') {
    return '. Log in to the account of the stack, or name its profile: --profile, or AWS_PROFILE';
  }
  return message === 'Region is missing' ? '. Name the region of the stack: --region, or AWS_REGION' : '';
}

allowReadersToLeave();
// The AWS clients would announce when they end the support of this version of Node.js.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
program.parseAsync().catch(explain);
