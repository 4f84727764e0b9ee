import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { DETAIL_TYPE, type DetailType } from '../../lib/contract/event';
import type { LocalHub } from '../fakes/local-hub';
import { fileOf } from '../../scripts/event-schemas';
import { DAY, HOUR, MINUTE, newSecretNotification, openScene } from '../rotation/scene';

const ROOT = path.join(__dirname, '..', '..');

interface Schema {
  properties: Record<string, unknown>;
}

function published(file: string): Schema {
  return JSON.parse(readFileSync(path.join(ROOT, 'docs', file), 'utf8')) as Schema;
}

function validator(schema: Schema): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  ajv.addFormat('uri', /^https:\/\/\S+$/);
  return ajv.compile(schema);
}

/** As it is published, and with the promise that nothing else is sent, on no level. */
function strictly(type: DetailType): ValidateFunction {
  const { properties, ...schema } = published(fileOf(type));
  return validator({ ...schema, properties: { ...properties, detail: closed(properties.detail) } });
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema) || typeof schema !== 'object' || schema === null) {
    return schema;
  }
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const);
  return { ...Object.fromEntries(entries), ...('properties' in schema && { additionalProperties: false }) };
}

/** The names of all fields, on all levels. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) {
    return [];
  }
  const { properties = {} } = schema as Partial<Schema>;
  return [...Object.keys(properties), ...Object.values(schema).flatMap(fieldsOf)].filter(
    (field, index, all) => all.indexOf(field) === index,
  );
}

test('scripts/event-schemas.ts has written what is committed', () => {
  const command = ['--import', 'tsx', 'scripts/event-schemas.ts', '--check'];
  expect(() => execFileSync(process.execPath, command, { cwd: ROOT, stdio: 'pipe' })).not.toThrow();
});

describe('events of a local run', () => {
  let hub: LocalHub;

  /** After each step, those who look get answers too. */
  async function look(): Promise<void> {
    await hub.invoke({ action: 'status' });
    await hub.invoke({ action: 'check', application: 'Shop' });
    await hub.invoke({ action: 'history', application: 'Shop' });
  }

  beforeAll(async () => {
    hub = await openScene({ applications: { Shop: {}, Empty: { text: null } } });
    await hub.sweep();
    await look();
    // What a person says.
    const by = { application: 'Shop', requestedBy: 'a test' };
    await hub.invoke({ action: 'expires', on: '2026-06-01', ...by });
    await hub.invoke({ action: 'pause', until: '2026-01-20', why: 'peak season', ...by });
    await hub.invoke({ action: 'resume', ...by });
    // Requested by a person, and rotated.
    await hub.rotate();
    await look();
    await hub.deliver();
    await look();
    await hub.rotate();
    // Rotated in the console.
    await hub.pass(30 * DAY);
    hub.amazon.model.rotateInConsole(hub.clientId());
    await hub.deliver();
    // Older than what somebody stored.
    hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), clientSecret: 'amzn1.oa2-cs.v1.seeded' }));
    await hub.send(newSecretNotification(hub, 'amzn1.oa2-cs.v1.older', { eventTime: hub.clock.now() - 20 * DAY }));
    await hub.deliver();
    hub.write('Shop', JSON.stringify({ clientId: hub.clientId(), clientSecret: hub.newestIssued() }));
    await hub.sweep();
    await look();
    // A notice, a rotation, and nothing comes.
    await hub.pass(91 * DAY);
    await hub.deliver();
    await hub.pass(MINUTE);
    await hub.takeMessages();
    await hub.pass(2 * HOUR);
    await hub.sweep();
    await look();
    // Nor of the next attempt.
    await hub.pass(3 * DAY);
    await hub.sweep();
    await hub.pass(MINUTE);
    await hub.takeMessages();
    await look();
    await hub.pass(5 * DAY);
    await hub.sweep();
    hub.services.queues.setPolicy(hub.queue('Notification'), undefined);
    await hub.sweep('Empty');
    await look();
  });
  afterAll(() => hub.close());

  test.each(Object.values(DETAIL_TYPE))('%s: each fits its schema, and has nothing more', (type) => {
    const sent = hub.services.events.sent.filter((event) => event['detail-type'] === type);
    expect(sent.length).toBeGreaterThan(0);
    const validate = strictly(type);
    for (const event of sent) {
      validate(event);
      expect({ event, errors: validate.errors }).toEqual({ event, errors: null });
    }
  });

  test('answers: each fits its schema, and has nothing more', () => {
    const schema = published('answer.schema.json');
    const validate = validator(closed(schema) as Schema);
    for (const { payload } of hub.answers) {
      validate(payload);
      expect({ payload, errors: validate.errors }).toEqual({ payload, errors: null });
    }
    const told = JSON.stringify(hub.answers.map(({ payload }) => payload));
    const untold = fieldsOf(schema).filter((field) => !told.includes(`"${field}":`));
    expect(untold).toEqual(['error']);
  });

  test('the schemas refuse what is no such event', () => {
    const [rotated] = hub.services.events.sent.filter((event) => event['detail-type'] === DETAIL_TYPE.rotated);
    const detail = rotated?.detail as Record<string, unknown>;
    const validate = validator(published(fileOf(DETAIL_TYPE.rotated)));
    expect(validate(rotated)).toBe(true);
    expect(validate({ ...rotated, detail: { ...detail, versionId: undefined } })).toBe(false);
    expect(validate({ ...rotated, detail: { ...detail, reason: 'mood' } })).toBe(false);
    expect(validate({ ...rotated, detail: { ...detail, newClientSecretExpiryTime: 'soon' } })).toBe(false);
    expect(strictly(DETAIL_TYPE.rotated)({ ...rotated, detail: { ...detail, newClientSecret: 'x' } })).toBe(false);
  });
});
