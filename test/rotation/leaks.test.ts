import { build } from 'esbuild';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { bundleOptions } from '../../scripts/bundle-options.cjs';
import { DAY, HOUR, type LocalHub, MINUTE, newSecretNotification, openScene, SECOND } from './scene';

const LOUD = {
  POWERTOOLS_LOGGER_LOG_EVENT: 'true',
  POWERTOOLS_DEV: 'true',
  POWERTOOLS_LOG_LEVEL: 'TRACE',
  AWS_LAMBDA_LOG_LEVEL: 'TRACE',
};

/** Anything of this length in common with a secret is a leak: not even a prefix may be seen. */
const TELLING_LENGTH = 12;

/** What all client secrets and all tokens begin with tells nothing. */
function tellingPart(secret: string): string {
  return secret.replace(/^(amzn1\.oa2-cs\.v1\.|Atza\|)/, '').slice(0, TELLING_LENGTH);
}

function leaks(output: string, secrets: readonly string[]): string[] {
  const encodings = (text: string): string[] => [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').slice(0, 16),
  ];
  return secrets.filter((secret) => encodings(tellingPart(secret)).some((part) => output.includes(part)));
}

/** A client secret from before they had a prefix. */
const OLD = '5eafc0de'.repeat(8);

/** A secret in the place of the client id. */
const MISPLACED: Readonly<Record<string, (credentials: { clientId: string; clientSecret: string }) => object>> = {
  Swapped: ({ clientId, clientSecret }) => ({ clientId: clientSecret, clientSecret: clientId }),
  Both: ({ clientSecret }) => ({ clientId: clientSecret, clientSecret }),
  Behind: ({ clientId, clientSecret }) => ({ clientId: clientId + clientSecret, clientSecret }),
  BehindSpace: ({ clientId, clientSecret }) => ({ clientId: `${clientId} ${clientSecret}`, clientSecret }),
  Old: ({ clientSecret }) => ({ clientId: OLD, clientSecret }),
  OldBehind: ({ clientId }) => ({ clientId: clientId + OLD, clientSecret: OLD }),
};

/** Everything that can go wrong around a secret, with secrets in the wrong places. */
async function eventfulLife(scene: LocalHub): Promise<string[]> {
  const raw = 'amzn1.oa2-cs.v1.raw0string1secret2of3nobody4';
  const bare = 'amzn1.oa2-cs.v1.bare5body6secret7of8nobody9';
  const malformed = 'malformed0notification1secret2without3prefix';
  const wrongField = 'wrong4field5secret6without7prefix8';
  scene.write('Raw', raw);
  scene.write('NoId', JSON.stringify({ clientSecret: wrongField }));
  for (const [id, text] of Object.entries(MISPLACED)) {
    const credentials = { clientId: scene.clientId(id), clientSecret: scene.newestIssued(id) };
    scene.write(id, JSON.stringify(text(credentials)));
  }
  await scene.rotate('Swapped', true);
  await scene.stack.fireSchedule();
  await scene.ask({ action: 'check' });
  for (const answer of [
    'reset-after-effect',
    { status: 403, body: '<html>' },
    { redirect: 'https://x.example/' },
  ] as const) {
    scene.amazon.script('rotate', answer);
    await scene.rotate('Shop', true);
    await scene.deliver();
    await scene.pass(2 * HOUR);
    await scene.sweep();
  }
  for (const body of [
    bare,
    raw,
    `{"notificationType":"APPLICATION_OAUTH_CLIENT_NEW_SECRET","newClientSecret":"${malformed}"`,
    newSecretNotification(scene, malformed, { clientId: 'amzn1.application-oa2-client.stranger' }),
    newSecretNotification(scene, malformed),
    newSecretNotification(scene, malformed, { clientId: bare }),
    newSecretNotification(scene, malformed, { clientId: OLD }),
    newSecretNotification(scene, malformed, { clientId: scene.clientId() + OLD }),
    newSecretNotification(scene, malformed).replace('_NEW_SECRET"', '_SECRET_EXPIRY"').replace(scene.clientId(), raw),
    JSON.stringify({ notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET', newClientSecret: malformed }),
  ]) {
    await scene.send(body);
  }
  await scene.drain();
  scene.services.faults.add({
    service: 'secretsmanager',
    operation: 'PutSecretValue',
    effect: 'server-error',
    times: 3,
  });
  scene.services.faults.add({ service: 'events', effect: 'access-denied', times: 2 });
  scene.amazon.model.rotateInConsole(scene.clientId());
  await scene.pass(2 * SECOND);
  await scene.deliver();
  await scene.pass(30 * MINUTE);
  await scene.drain();
  for (const application of [scene.newestIssued(), OLD]) {
    await scene.invoke({ action: 'rotate', application });
    await scene.invoke({ action: 'rotate', application: 'Shop', force: true, requestedBy: application });
  }
  await scene.pass(90 * DAY);
  await scene.sweep();
  await scene.deliver();
  await scene.ask({ action: 'status' });
  return [raw, bare, malformed, wrongField, OLD, ...scene.amazon.model.allSecrets, ...scene.amazon.model.allTokens];
}

const applications = {
  Shop: {},
  Raw: { text: null },
  NoId: { text: null },
  Fields: { props: { clientIdField: 'clientSecret', clientSecretField: 'clientId' } },
  ...Object.fromEntries(Object.keys(MISPLACED).map((id) => [id, { text: null }])),
};

describe('no secret and no token', () => {
  test.each([
    ['as deployed', {}],
    ['with every switch for more output', LOUD],
  ])('is in a log, an answer, an event or an error: %s', async (_name, environment) => {
    const scene = await openScene({ applications, environment });
    try {
      const secrets = await eventfulLife(scene);
      expect(secrets.length).toBeGreaterThan(15);
      expect(scene.output.length).toBeGreaterThan(5_000);
      expect(leaks(scene.output, secrets)).toEqual([]);
      const environmentOfFunctions = JSON.stringify(scene.stack.find('AWS::Lambda::Function'));
      expect(leaks(environmentOfFunctions, secrets)).toEqual([]);
      expect(leaks(JSON.stringify(scene.stack.metrics), secrets)).toEqual([]);
    } finally {
      await scene.close();
    }
  });

  test('one leaking log line makes this test fail', async () => {
    const root = path.join(__dirname, '..', '..');
    const copy = mkdtempSync(path.join(tmpdir(), 'leaking-'));
    try {
      for (const part of ['lambda', 'lib', 'assets']) {
        cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
      }
      const handler = path.join(copy, 'lambda', 'store', 'index.ts');
      const source = readFileSync(handler, 'utf8');
      const leaking = source.replace(
        'const handled = await',
        "console.log('received', record.body);\n  const handled = await",
      );
      expect(leaking).not.toBe(source);
      writeFileSync(handler, leaking);
      await build({
        ...bundleOptions({ version: '0.0.0', target: 'node22', runsOn: 'lambda' }),
        entryPoints: [handler],
        outfile: path.join(copy, 'assets', 'store', 'index.mjs'),
        nodePaths: [path.join(root, 'node_modules')],
        write: true,
      });
      const scene = await openScene({ applications, assets: path.join(copy, 'assets') });
      try {
        const secrets = await eventfulLife(scene);
        expect(leaks(scene.output, secrets)).not.toEqual([]);
      } finally {
        await scene.close();
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});
