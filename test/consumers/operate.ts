// Runs the stack of test/consumers/operated in the local cloud, as an installed package synthesized it, and operates it
// with the installed command: what people on call do in three months, each with a case that fails.
//
//   tsx test/consumers/operate.ts <command's file> <program that synthesizes> [parameter …]
//
// Prints a line for each step. Exit code 1 where one does not do what it should.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { DAY, HOUR, LocalHub } from '../fakes/local-hub';
import { FINDING, LEAST, LEAST_TO_DRILL, operator, run, type Finished } from '../operators/command';

interface Step {
  readonly title: string;
  readonly run: (scene: Scene) => Promise<void>;
}

const SHOP = ['--application', 'Shop'];
/** 90 days later it is a Sunday. */
const START = Date.parse('2026-11-02T03:00:00Z');

class Scene {
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    readonly hub: LocalHub,
    private readonly command: string,
  ) {
    this.environment = operator(hub, [...FINDING, ...LEAST, ...LEAST_TO_DRILL]);
  }

  /** Runs the installed command, and expects an exit code. */
  readonly operate = async (code: number, ...args: string[]): Promise<Finished> => {
    const finished = await run(process.execPath, [this.command, ...args], this.environment);
    assert.equal(finished.code, code, `${args.join(' ')}: ${finished.out}${finished.error}`);
    for (const secret of ['Shop', 'Nested', 'Bare'].flatMap((id) => this.hub.issued(id))) {
      assert.ok(!`${finished.out}${finished.error}`.includes(secret), `${args.join(' ')} shows a client secret`);
    }
    return finished;
  };

  readonly answer = async (code: number, ...args: string[]): Promise<ApplicationAnswer> => {
    const { out } = await this.operate(code, ...args, '--json');
    const [answer] = (JSON.parse(out) as { applications: ApplicationAnswer[] }).applications;
    assert.ok(answer);
    return answer;
  };

  readonly day = (days: number): string => new Date(this.hub.clock.now() + days * DAY).toISOString().slice(0, 10);
}

const STEPS: readonly Step[] = [
  {
    title: 'check: all three shapes of a secret are healthy, and nothing has proved the queue yet',
    run: async ({ hub, operate, answer }) => {
      await hub.sweep();
      await operate(0, 'check');
      for (const id of ['Shop', 'Nested', 'Bare']) {
        const { outcome, clientId, registered } = await answer(0, 'check', '--application', id);
        assert.deepEqual([outcome, clientId, registered], ['healthy', hub.clientId(id), false]);
      }
    },
  },
  {
    title: 'expires: the date is a person’s, and one that is past is refused',
    run: async ({ answer, operate, day }) => {
      const { worksUntil, worksUntilToldBy } = await answer(0, 'expires', ...SHOP, '--on', day(170));
      assert.deepEqual([worksUntil?.slice(0, 10), worksUntilToldBy?.includes('anna')], [day(170), true]);
      await operate(3, 'expires', ...SHOP, '--on', day(-1));
    },
  },
  {
    title: 'pause: who and why are shown, and 61 days are refused',
    run: async ({ hub, answer, operate, day }) => {
      await hub.pass(75 * DAY);
      const { paused } = await answer(0, 'pause', ...SHOP, '--until', day(20), '--why', 'peak season');
      assert.equal(paused?.why, 'peak season');
      assert.match(paused.by ?? '', /anna/);
      await operate(3, 'pause', ...SHOP, '--until', day(61), '--why', 'peak season');
    },
  },
  {
    title: 'Sunday at night, all are due: the window and the pause hold them, and a rotate of Shop wants --force',
    run: async ({ hub, operate }) => {
      await hub.pass(15 * DAY + HOUR);
      assert.deepEqual([(await hub.sweep('Nested')).guard, (await hub.sweep('Bare')).guard], ['window', 'window']);
      assert.equal((await hub.sweep()).guard, 'paused');
      assert.match((await operate(4, 'rotate', ...SHOP, '--yes')).out, /--force/);
      assert.equal(hub.posts, 0);
    },
  },
  {
    title: 'Monday at eleven in Berlin: the window is open; nested keys and a bare secret are rotated, Shop is not',
    run: async ({ hub }) => {
      await hub.pass(DAY + 6 * HOUR);
      assert.equal((await hub.sweep('Nested')).outcome, 'requested');
      await hub.deliver();
      await hub.sweep();
      await hub.deliver();
      assert.deepEqual(JSON.parse(hub.text('AWSCURRENT', 'Nested') ?? ''), {
        lwa: { id: hub.clientId('Nested'), secret: hub.newestIssued('Nested') },
        other: 'kept',
      });
      assert.equal(hub.text('AWSCURRENT', 'Bare'), hub.newestIssued('Bare'));
      assert.equal(hub.posts, 2);
    },
  },
  {
    title: 'check: a policy that denies to store is told before a rotation, and status has nothing to say of it',
    run: async ({ hub, answer }) => {
      const denied = { service: 'secretsmanager', operation: 'PutSecretValue', effect: 'access-denied' } as const;
      hub.services.faults.add({ ...denied, times: 1 });
      const { kind, next } = await answer(1, 'check', ...SHOP);
      assert.equal(kind, 'needs-person');
      assert.match(next, /secretsmanager:PutSecretValue failed: AccessDenied/);
      await answer(0, 'check', ...SHOP);
    },
  },
  {
    title: 'resume, and rotate --wait with a smoke test: the new client secret is current, and proves the queue',
    run: async ({ hub, answer, operate }) => {
      assert.equal((await answer(0, 'resume', ...SHOP)).paused, undefined);
      const smokeTest = ['--smoke-test', 'test "$ROTATED_APPLICATION" = Shop && test -n "$ROTATED_VERSION_ID"'];
      const waiting = operate(0, 'rotate', ...SHOP, '--yes', '--wait', ...smokeTest);
      await posted(hub, 3);
      await hub.deliver();
      await waiting;
      assert.equal(hub.clientSecret('AWSCURRENT'), hub.newestIssued());
      const { registered } = await answer(0, 'status', ...SHOP);
      assert.ok(registered);
      assert.equal(registered.by, 'new-secret');
    },
  },
  {
    title: 'expires: Amazon’s own date goes before a person’s',
    run: async ({ answer, day }) => {
      const { recorded, worksUntil } = await answer(4, 'expires', ...SHOP, '--on', day(50));
      assert.deepEqual([recorded, worksUntil?.slice(0, 10)], [false, day(180)]);
    },
  },
  {
    title: 'history: who asked, when, and Amazon’s request id',
    run: async ({ answer }) => {
      const [byPerson, ...older] = (await answer(0, 'history', ...SHOP)).history ?? [];
      assert.match(byPerson?.requestedBy ?? '', /anna/);
      assert.ok(byPerson?.requestId);
      assert.deepEqual(older, []);
      assert.equal((await answer(0, 'history', '--application', 'Bare')).history?.[0]?.reason, 'schedule');
    },
  },
  {
    title: 'drill: each alarm rings, and nobody is subscribed',
    run: async ({ operate }) => {
      assert.match((await operate(1, 'drill', '--yes')).out, /nobody is subscribed/);
    },
  },
];

async function posted(hub: LocalHub, times: number): Promise<void> {
  while (hub.posts < times) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function main(command: string, program: string, parameters: readonly string[]): Promise<void> {
  const bare = `amzn1.application-oa2-client.${'ba'.repeat(16)}`;
  const hub = await LocalHub.open({
    start: START,
    applications: {
      Shop: {},
      Nested: {
        text: ({ clientId: id, clientSecret: secret }) => JSON.stringify({ lwa: { id, secret }, other: 'kept' }),
      },
      Bare: { clientId: bare, text: ({ clientSecret }) => clientSecret },
    },
    synthesize: (amazon, output) => {
      execFileSync(program, parameters, {
        env: {
          ...process.env,
          CDK_OUTDIR: output,
          LWA_TOKEN_URL: amazon.lwaTokenUrl,
          SP_API_ENDPOINT: amazon.url,
          CLIENT_ID: bare,
        },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return output;
    },
  });
  try {
    const scene = new Scene(hub, command);
    for (const { title, run: perform } of STEPS) {
      await perform(scene);
      console.log(`  ✔ ${title}`);
    }
  } finally {
    await hub.close();
  }
}

const [command = '', program = '', ...parameters] = process.argv.slice(2);
main(command, program, parameters).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
