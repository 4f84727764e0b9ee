import Table from 'cli-table3';
import { Dialogue } from '../dialogue';
import { CommandFailed, EXIT } from '../exit-code';
import { findRehearsal, type FoundHub } from '../hub-function';
import { caller, type Caller } from '../invocation';
import { printable } from '../printable';
import { perform, type Step } from '../steps';
import { ACTS, type Act, type Cast } from './acts';
import { cleanupSteps } from './cleanup';
import { PlayedAmazon } from './played-amazon';
import { Scene } from './scene';

export interface RehearseOptions {
  readonly stack: string | undefined;
  readonly json: boolean;
  readonly yes: boolean;
  readonly cleanup: boolean;
  /** Names of acts. */
  readonly leaveOut: readonly string[];
}

/** What came of an act. */
interface Verdict {
  readonly act: string;
  readonly title: string;
  readonly verdict: 'passed' | 'failed' | 'left out' | 'not reached';
  readonly seconds: number;
  readonly seen: string;
}

/** Plays a rotation and what can go wrong with it against a deployed rehearsal, or removes that. */
export async function rehearse(options: RehearseOptions): Promise<void> {
  const hub = await findRehearsal(options.stack);
  const who = await caller();
  if (options.cleanup) {
    await cleanUp(hub, who, options);
    return;
  }
  requireActs(options.leaveOut);
  console.error(printable(announcement(hub, who)));
  const scene = new Scene(hub, who.name);
  const verdicts: Verdict[] = [];
  try {
    const { applications = [] } = await scene.amazon.ask({ action: 'look' });
    const [first, second] = applications.map(({ application }) => application);
    if (first === undefined) {
      throw new CommandFailed(EXIT.unreachable, 'no application is registered with the rehearsal');
    }
    await scene.amazon.ask({ action: 'start' });
    const acts = ACTS.filter(({ name }) => !options.leaveOut.includes(name));
    await perform(
      acts.map((act) => stepOf(act, scene, { first, second }, verdicts)),
      options,
    );
  } finally {
    await scene.amazon.ask({ action: 'end' }).catch(() => undefined);
    scene.end();
    conclude(hub, verdicts, options);
  }
}

function announcement({ stackName }: FoundHub, { account, region }: Caller): string {
  return [
    `Rehearses with the stack ${stackName}, account ${account}, region ${region}.`,
    'It takes some fifteen minutes, because Amazon takes one rotation a minute and an alarm needs some, and costs less than 0.05 USD.',
    'A rehearsal that stays deployed costs some 6 USD a month: npx cdk-sp-api-secret-rotation rehearse --cleanup removes it.',
  ].join('\n');
}

function requireActs(leaveOut: readonly string[]): void {
  const unknown = leaveOut.filter((name) => !ACTS.some((act) => act.name === name));
  if (unknown.length > 0) {
    throw new CommandFailed(
      EXIT.wrongUsage,
      `there is no act of that name; there are: ${ACTS.map(({ name }) => name).join(', ')}`,
    );
  }
}

function stepOf(act: Act, scene: Scene, cast: Cast, verdicts: Verdict[]): Step {
  const { name, title } = act;
  return {
    title,
    run: async (progress) => {
      const start = performance.now();
      const note = (verdict: Verdict['verdict'], seen: string): number => {
        const seconds = Math.round((performance.now() - start) / 100) / 10;
        verdicts.push({ act: name, title, verdict, seconds, seen });
        return seconds;
      };
      try {
        let told = '';
        const tellOnce = (line: string): void => {
          if (line !== told) {
            told = line;
            progress(line);
          }
        };
        const seen = await act.play(scene, cast, tellOnce);
        return `${seen} (${note('passed', seen)} s)`;
      } catch (error) {
        note('failed', error instanceof Error ? error.message : String(error));
        throw error instanceof CommandFailed
          ? new CommandFailed(EXIT.needsAttention, `${title}: ${error.message}`)
          : error;
      }
    },
  };
}

function conclude({ stackName }: FoundHub, played: readonly Verdict[], { json, leaveOut }: RehearseOptions): void {
  const verdicts = ACTS.map(
    ({ name, title }): Verdict =>
      played.find(({ act }) => act === name) ?? {
        act: name,
        title,
        verdict: leaveOut.includes(name) ? 'left out' : 'not reached',
        seconds: 0,
        seen: '',
      },
  );
  const passed = verdicts.every(({ verdict }) => verdict === 'passed' || verdict === 'left out');
  if (json) {
    console.log(printable(JSON.stringify({ stack: stackName, passed, acts: verdicts }, undefined, 2)));
    return;
  }
  const table = new Table({ head: ['act', 'verdict', 'seconds'], style: { head: [], border: [] } });
  table.push(...verdicts.map(({ title, verdict, seconds }) => [title, verdict, seconds === 0 ? '' : String(seconds)]));
  console.log(printable(`${table.toString()}\n${passed ? 'The rehearsal passed.' : 'The rehearsal did not pass.'}`));
}

async function cleanUp(
  hub: FoundHub & { readonly rehearsalArn: string },
  who: Caller,
  options: RehearseOptions,
): Promise<void> {
  const { json, yes } = options;
  const place = `the stack ${hub.stackName}, account ${who.account}, region ${who.region}`;
  if (!yes) {
    const dialogue = new Dialogue('nothing was deleted', 'confirm with --yes');
    try {
      await dialogue.confirm(`Delete ${place}, with its queues and secrets?`);
    } finally {
      dialogue.close();
    }
  }
  const amazon = new PlayedAmazon(hub.rehearsalArn);
  try {
    await perform(cleanupSteps(hub, amazon), { json });
    if (json) {
      console.log(JSON.stringify({ deleted: hub.stackName }, undefined, 2));
    }
  } finally {
    amazon.end();
  }
}
