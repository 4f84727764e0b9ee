import * as v from 'valibot';
import { RotationMode, SpApiRegion } from '../../lib';
import { lwaTokenUrlProblem, spApiEndpointProblem } from '../../lib/private/endpoint-problems';
import { APPLICATION_ID, MAX_ROTATE_AFTER_DAYS, MIN_ROTATE_AFTER_DAYS } from '../../lib/contract/limits';
import { CLIENT_ID, CLIENT_ID_PREFIX } from '../../lib/contract/amazon';
import { couldBeCredential } from '../../lib/contract/credential';
import { receivedUrl, shown as shownText } from '../../lib/private/validation';
import { rotationWindowSetting } from './rotation-window-setting';

const EXAMPLES = {
  applications: `npx cdk deploy -c applications='[{"id":"MyApplication"}]' -c alarmEmail=on-call@example.com`,
  rotationWindow: `npx cdk deploy -c rotationWindow='{"opensAt":"09:00","closesAt":"16:00","timeZone":"Europe/Berlin"}'`,
};

const REGIONS: Readonly<Record<string, SpApiRegion>> = {
  NORTH_AMERICA: SpApiRegion.NORTH_AMERICA,
  EUROPE: SpApiRegion.EUROPE,
  FAR_EAST: SpApiRegion.FAR_EAST,
};

/** The CDK context is wrong. The message says what to change. */
export class SettingsProblem extends Error {
  public override readonly name = 'SettingsProblem';
}

const fieldNameAllowed = 'the name of a key of the JSON object in the secret';
const fieldName = v.pipe(
  v.string(fieldNameAllowed),
  v.nonEmpty(fieldNameAllowed),
  v.check((value) => !couldBeCredential(value), fieldNameAllowed),
);

const region = v.pipe(
  v.string(`${Object.keys(REGIONS).join(', ')} or the URL of an endpoint`),
  v.check(
    (value) => Object.hasOwn(REGIONS, value) || spApiEndpointProblem(value) === undefined,
    (issue) =>
      `${Object.keys(REGIONS).join(', ')} or the URL of an endpoint (as a URL, ${spApiEndpointProblem(issue.input) ?? ''})`,
  ),
  v.transform((value) => REGIONS[value] ?? SpApiRegion.of(value)),
);

const idAllowed = '1 to 64 letters, digits, hyphens and underscores';
const daysAllowed = `a whole number of days from ${MIN_ROTATE_AFTER_DAYS} to ${MAX_ROTATE_AFTER_DAYS}`;
const clientIdAllowed = `a client id, which begins with ${CLIENT_ID_PREFIX}, for a secret that does not hold it`;
const secretArnAllowed =
  'the complete ARN of a secret, such as arn:aws:secretsmanager:us-east-1:111122223333:secret:name-AbCdEf';

const application = v.strictObject({
  id: v.pipe(
    v.string(idAllowed),
    v.regex(APPLICATION_ID, idAllowed),
    v.check((value) => !couldBeCredential(value), idAllowed),
  ),
  secretArn: v.optional(
    v.pipe(
      v.string(secretArnAllowed),
      v.regex(/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+-[A-Za-z0-9]{6}$/, secretArnAllowed),
    ),
  ),
  region: v.optional(region),
  rotateAfterDays: v.optional(
    v.pipe(
      v.number(daysAllowed),
      v.integer(daysAllowed),
      v.minValue(MIN_ROTATE_AFTER_DAYS, daysAllowed),
      v.maxValue(MAX_ROTATE_AFTER_DAYS, daysAllowed),
    ),
  ),
  rotationWindow: v.optional(rotationWindowSetting),
  clientId: v.optional(v.pipe(v.string(clientIdAllowed), v.regex(CLIENT_ID, clientIdAllowed))),
  clientIdField: v.optional(fieldName),
  clientSecretField: v.optional(fieldName),
});

const APPLICATION_KEYS = Object.keys(application.entries);

/** Valibot accepts an array as an object. */
const applicationObject = v.pipe(
  v.custom((input) => typeof input === 'object' && input !== null && !Array.isArray(input)),
  application,
);

const modeAllowed = Object.keys(RotationMode).join(' or ');
const alarmEmailAllowed = 'an e-mail address, and no alarmTopicArn beside it';
const alarmTopicArnAllowed = 'the ARN of a topic, such as arn:aws:sns:us-east-1:111122223333:on-call';
const lwaTokenUrlAllowed = 'the URL of the token endpoint of Login with Amazon';

const settings = v.object({
  applications: v.pipe(
    v.array(applicationObject, 'a JSON array with an object for each application'),
    v.rawCheck(({ dataset, addIssue }) => {
      if (dataset.typed) {
        for (const key of ['id', 'secretArn'] as const) {
          const seen = new Set<string>();
          for (const [index, entry] of dataset.value.entries()) {
            const value = entry[key];
            if (value !== undefined && seen.has(value)) {
              addIssue({
                message: 'something that no other application has',
                path: [
                  { type: 'array', origin: 'value', input: dataset.value, key: index, value: entry },
                  { type: 'object', origin: 'value', input: { ...entry }, key, value },
                ],
              });
            }
            seen.add(value ?? '');
          }
        }
      }
    }),
  ),
  alarmEmail: v.optional(v.pipe(v.string(alarmEmailAllowed), v.email(alarmEmailAllowed))),
  alarmTopicArn: v.optional(
    v.pipe(
      v.string(alarmTopicArnAllowed),
      v.regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, alarmTopicArnAllowed),
    ),
  ),
  mode: v.optional(v.enum(RotationMode, modeAllowed)),
  rotationWindow: v.optional(rotationWindowSetting),
  lwaTokenUrl: v.optional(
    v.pipe(
      v.string(lwaTokenUrlAllowed),
      v.check(
        (value) => lwaTokenUrlProblem(value) === undefined,
        (issue) => `${lwaTokenUrlAllowed} (${lwaTokenUrlProblem(issue.input) ?? ''})`,
      ),
    ),
  ),
});

/** Settings of the stack, from the CDK context. */
export type Settings = v.InferOutput<typeof settings>;

/** Reads and checks the CDK context. Throws a {@link SettingsProblem} that lists all problems. */
export function readSettings(contextValue: (key: string) => unknown): Settings {
  const applications = parsed('applications', contextValue('applications'));
  if (applications === undefined || (Array.isArray(applications) && applications.length === 0)) {
    throw new SettingsProblem(
      `No applications are given. Name the applications whose client secrets are to be rotated, in cdk.json or with -c:\n\n  ${EXAMPLES.applications}\n\n` +
        `Keys of an application: ${APPLICATION_KEYS.join(', ')}; all but id are optional.`,
    );
  }
  const [alarmEmail, alarmTopicArn] = [contextValue('alarmEmail'), contextValue('alarmTopicArn')];
  const result = v.safeParse(settings, {
    applications,
    alarmEmail,
    alarmTopicArn,
    mode: contextValue('mode'),
    rotationWindow: parsed('rotationWindow', contextValue('rotationWindow')),
    lwaTokenUrl: contextValue('lwaTokenUrl'),
  });
  const problems = result.issues?.map((issue) => problem(issue, applications)) ?? [];
  if (alarmEmail !== undefined && alarmTopicArn !== undefined) {
    problems.push(`"alarmEmail": received one beside alarmTopicArn; allowed: ${alarmEmailAllowed}`);
  }
  if (!result.success || problems.length > 0) {
    throw new SettingsProblem(['The CDK context cannot be used:', ...problems.map((one) => `  - ${one}`)].join('\n'));
  }
  return result.output;
}

/** Whether a rehearsal is wanted instead. It has applications of its own, and takes no settings. */
export function readRehearsal(contextValue: (key: string) => unknown): boolean {
  const value = contextValue('rehearsal');
  if (value === undefined || value === false || value === 'false') {
    return false;
  }
  const others = Object.keys(settings.entries).filter((key) => contextValue(key) !== undefined);
  if ((value !== true && value !== 'true') || others.length > 0) {
    const received = others.length > 0 ? `it beside ${others.join(', ')}` : shown(value);
    throw new SettingsProblem(
      `The CDK context cannot be used:\n  - "rehearsal": received ${received}; allowed: true, and no other setting`,
    );
  }
  return true;
}

/** A value from the command line is text. */
function parsed(key: 'applications' | 'rotationWindow', value: unknown): unknown {
  if (typeof value !== 'string') {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    // The message of the parser is left out, because it quotes what it read.
    throw new SettingsProblem(
      `The value of "${key}" is not JSON (the shell may have removed the quotes; you can also write it into cdk.json). Allowed: JSON, as in\n\n  ${EXAMPLES[key]}`,
    );
  }
}

function problem(issue: v.BaseIssue<unknown>, applications: unknown): string {
  const [top, index, key] = (issue.path ?? []).map((item) => item.key);
  if (top !== 'applications') {
    return `"${String(top)}": received ${shown(issue.input)}; allowed: ${issue.message}`;
  }
  if (index === undefined) {
    return `"applications": received ${kindOf(issue.input)}; allowed: ${issue.message}`;
  }
  const name = nameOf(applications, Number(index));
  if (key === undefined) {
    return `${name}: received ${kindOf(issue.input)}; allowed: an object with the keys ${APPLICATION_KEYS.join(', ')}`;
  }
  if (issue.type === 'strict_object') {
    return issue.expected === 'never'
      ? // The value is left out, because an unknown key may hold a client secret.
        `${name}, key ${shown(key)}: there is no such key; allowed: ${APPLICATION_KEYS.join(', ')}`
      : `${name}, key ${JSON.stringify(key)}: missing; allowed: ${idAllowed}`;
  }
  const value = issue.path?.[2]?.value;
  return `${name}, key ${JSON.stringify(key)}: received ${shown(value)}; allowed: ${issue.message}`;
}

function nameOf(applications: unknown, index: number): string {
  const entry: unknown = Array.isArray(applications) ? applications[index] : undefined;
  const id = typeof entry === 'object' && entry !== null ? (entry as { id?: unknown }).id : undefined;
  return typeof id === 'string' && APPLICATION_ID.test(id) && !couldBeCredential(id)
    ? `application "${id}"`
    : `application number ${index + 1}`;
}

/** A value for an error message, without what may be secret. */
function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.includes('://') ? receivedUrl(value) : shownText(value);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'an array';
  }
  return { object: 'an object', undefined: 'nothing' }[typeof value as string] ?? `a ${typeof value}`;
}
