// Writes docs/events/*.schema.json, a JSON schema for each detail type, and docs/answer.schema.json.
//
//   npx tsx scripts/event-schemas.ts [--check]
//
// --check fails when a file is not what would be written.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DETAIL_TYPE, EVENT_SOURCE, type DetailType, type EventDetail } from '../lib/contract/event';
import { FAILURE_KINDS } from '../lib/contract/failure-kind';
import { APPLICATION_ID, MAX_REQUESTED_BY_LENGTH } from '../lib/contract/limits';
import { runbookLink } from '../lib/contract/operators';
import { answerSchema, REASON } from './answer-schema';

const DIRECTORY = path.join(__dirname, '..', 'docs');
const TIME = { type: 'string', format: 'date-time' };

/** One for each field of the type: the compiler says when one is missing or too many. */
const FIELDS: Readonly<Record<keyof EventDetail, Readonly<Record<string, unknown>>>> = {
  hub: { type: 'string', pattern: '^arn:', description: 'ARN of the notification queue: tells hubs on one bus apart' },
  application: { type: 'string', pattern: APPLICATION_ID.source, description: 'id of the application in its hub' },
  clientId: { type: 'string', description: 'empty while the secret does not tell' },
  secretArn: { type: 'string', pattern: '^arn:', description: 'ARN of the secret in Secrets Manager' },
  versionId: {
    type: 'string',
    description: 'identifies the rotation; events come at least once, and repeat with the same id',
  },
  rotationId: {
    type: 'string',
    description: 'the rotation, the same in all events about it; absent where this hub asked for none',
  },
  previousVersionId: { type: 'string', description: 'version that was current before' },
  kind: { enum: FAILURE_KINDS, description: `what is wrong; a section of ${runbookLink('…')}` },
  reason: { ...REASON, description: 'who or what asked; console: nobody asked this hub' },
  requestedBy: { type: 'string', maxLength: MAX_REQUESTED_BY_LENGTH, description: 'who asked, as the caller claimed' },
  newClientSecretExpiryTime: { ...TIME, description: 'when the new client secret expires' },
  oldClientSecretExpiryTime: { ...TIME, description: 'until when the one before works' },
  clientSecretExpiryTime: {
    ...TIME,
    description: 'when the client secret in use stops working; in a notice, when it expires',
  },
  runbook: { type: 'string', format: 'uri', description: 'link to what to do' },
};

const ALWAYS = [
  'hub',
  'application',
  'clientId',
  'secretArn',
  'versionId',
] as const satisfies readonly (keyof EventDetail)[];

interface Shape {
  readonly summary: string;
  readonly required: readonly (keyof EventDetail)[];
  readonly optional: readonly (keyof EventDetail)[];
}

const SHAPES: Readonly<Record<DetailType, Shape>> = {
  [DETAIL_TYPE.requested]: {
    summary: 'Amazon accepted a rotation.',
    required: ['reason'],
    optional: ['rotationId', 'requestedBy'],
  },
  [DETAIL_TYPE.rotated]: {
    summary: 'A new client secret is the current one.',
    required: ['reason', 'newClientSecretExpiryTime', 'oldClientSecretExpiryTime'],
    optional: ['rotationId', 'previousVersionId', 'requestedBy'],
  },
  [DETAIL_TYPE.stalled]: {
    summary: 'A new client secret has not come. Repeated by every sweep for as long as that lasts.',
    required: ['kind', 'runbook'],
    optional: ['rotationId', 'clientSecretExpiryTime', 'oldClientSecretExpiryTime', 'reason', 'requestedBy'],
  },
  [DETAIL_TYPE.failed]: {
    summary: 'An application needs attention. Repeated by every sweep for as long as that lasts.',
    required: ['kind', 'runbook'],
    optional: ['rotationId', 'clientSecretExpiryTime', 'oldClientSecretExpiryTime', 'reason', 'requestedBy'],
  },
  [DETAIL_TYPE.expiring]: {
    summary: 'Amazon sent a notice of expiry.',
    required: ['reason', 'clientSecretExpiryTime', 'runbook'],
    optional: [],
  },
};

/** The schema of an event of one type, as it arrives from the bus. */
export function schemaOf(type: DetailType): Record<string, unknown> {
  const { summary, required, optional } = SHAPES[type];
  const properties = Object.fromEntries([...ALWAYS, ...required, ...optional].map((name) => [name, FIELDS[name]]));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: type,
    description: `${summary} Never holds a secret. More fields may come: ignore those you do not know.`,
    type: 'object',
    required: ['source', 'detail-type', 'detail'],
    properties: {
      source: { const: EVENT_SOURCE },
      'detail-type': { const: type },
      detail: { type: 'object', required: [...ALWAYS, ...required], properties },
    },
  };
}

/** Path of a schema's file in `docs`. */
export function fileOf(type: DetailType): string {
  return `events/${type.toLowerCase().replaceAll(' ', '-')}.schema.json`;
}

async function main(): Promise<void> {
  // Not where tests import this file: it is an ES module, which jest cannot load.
  const { format } = await import('prettier');
  const isCheck = process.argv.includes('--check');
  mkdirSync(path.join(DIRECTORY, 'events'), { recursive: true });
  const schemas = Object.values(DETAIL_TYPE).map((type) => [fileOf(type), schemaOf(type)] as const);
  for (const [name, schema] of [...schemas, ['answer.schema.json', answerSchema()] as const]) {
    const file = path.join(DIRECTORY, name);
    const text = await format(JSON.stringify(schema), { parser: 'json', printWidth: 120 });
    if (!isCheck) {
      writeFileSync(file, text);
    } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      console.error(`docs/${name} is not what the types say: run npm run docs:events`);
      process.exitCode = 1;
    }
  }
}

if (require.main === module) {
  void main();
}
