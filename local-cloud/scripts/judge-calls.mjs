// Judges recorded calls by AWS's own models of its services: required members, types, lengths, ranges, patterns and enums of
// requests and answers, the status of an error, and whether the operation may answer it.
//
//   LOCAL_CLOUD_RECORDING=/tmp/calls.jsonl npm test
//   npm run judge:calls --workspace local-cloud -- /tmp/calls.jsonl
//
// The models are the data of botocore, from PyPI, in the temporary directory, where they are used again. What differs and is
// meant to is in docs/aws-models.md.
import Ajv from 'ajv';
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const BOTOCORE = '1.44.8';

/** Every operation may answer these, as the common errors of each service's API reference say; the models do not list them. */
const COMMON_ERRORS = {
  secretsmanager: ['AccessDeniedException', 'ThrottlingException', 'ValidationException', 'SerializationException'],
  sqs: ['AccessDeniedException', 'ThrottlingException', 'InvalidParameterValueException', 'MissingParameter'],
  ssm: ['AccessDeniedException', 'ThrottlingException', 'ValidationException'],
  events: ['AccessDeniedException', 'ThrottlingException', 'ValidationException'],
  monitoring: ['AccessDeniedException', 'ThrottlingException', 'ValidationError'],
};

/** The local cloud refused what it does not emulate. */
const NOT_EMULATED = 501;

function modelsDirectory() {
  const directory = path.join(tmpdir(), `botocore-${BOTOCORE}`);
  const data = path.join(directory, 'botocore', 'data');
  if (!existsSync(data)) {
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    execFileSync('python3', [...install, '--target', directory, `botocore==${BOTOCORE}`], { stdio: 'inherit' });
  }
  return data;
}

/** Where a service signs with another name. */
const MODEL_NAMES = { monitoring: 'cloudwatch' };

function modelOf(service) {
  const directory = path.join(modelsDirectory(), MODEL_NAMES[service] ?? service);
  const newest = readdirSync(directory).sort().at(-1);
  return JSON.parse(gunzipSync(readFileSync(path.join(directory, newest, 'service-2.json.gz'))));
}

/** A model's shape as JSON Schema, with the formats of the AWS JSON protocols. */
function schemaOf(shape) {
  return (SCHEMAS[shape.type] ?? (() => ({ type: 'number' })))(shape);
}

const SCHEMAS = {
  structure: ({ members = {}, required = [] }) => ({
    type: 'object',
    properties: Object.fromEntries(Object.entries(members).map(([name, one]) => [name, reference(one)])),
    required,
    additionalProperties: false,
  }),
  list: (shape) => ({ type: 'array', items: reference(shape.member), ...bounds(shape, 'minItems', 'maxItems') }),
  map: ({ value }) => ({ type: 'object', additionalProperties: reference(value) }),
  string: (shape) => ({
    type: 'string',
    ...(shape.enum && { enum: shape.enum }),
    // AWS matches the whole value.
    ...(shape.pattern && { pattern: `^(?:${shape.pattern})$` }),
    ...bounds(shape, 'minLength', 'maxLength'),
  }),
  integer: integer,
  long: integer,
  boolean: () => ({ type: 'boolean' }),
  blob: () => ({ type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
};

function integer(shape) {
  return { type: 'integer', ...bounds(shape, 'minimum', 'maximum') };
}

function reference({ shape }) {
  return { $ref: `#/$defs/${shape}` };
}

function bounds({ min, max }, minimum, maximum) {
  return { ...(min !== undefined && { [minimum]: min }), ...(max !== undefined && { [maximum]: max }) };
}

/** Judges the calls of one service. */
function judgeOf(service) {
  const { shapes, operations } = modelOf(service);
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  const $defs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, schemaOf(shape)]));
  ajv.addSchema({ $id: service, $defs });
  const faultsIn = (shape, value, what) => {
    const validate =
      shape === undefined ? ajv.compile({ maxProperties: 0 }) : ajv.getSchema(`${service}#/$defs/${shape}`);
    // Neither a value nor a pattern's counterpart: both would be in a log.
    return validate(value)
      ? []
      : validate.errors.map(
          ({ instancePath, keyword, params }) =>
            `${what}${instancePath.replaceAll(/\d+/g, '*')}: ${keyword} ${JSON.stringify({ ...params, pattern: undefined })}`,
        );
  };
  const faultsOfError = ({ status, answer: { __type = '', ...members } }, { errors = [] }) => {
    const code = __type.split('#').at(-1);
    if (!errors.some((one) => one.shape === code)) {
      return isCommon(service, code, status) ? [] : [`answers the error ${code}, which it does not have`];
    }
    const { error, fault } = shapes[code];
    const expected = error?.httpStatusCode ?? (fault ? status : 400);
    const isExpected = expected === status;
    return [
      ...(isExpected ? [] : [`answers ${code} with status ${status}, not ${expected}`]),
      ...faultsIn(code, members, code),
    ];
  };
  return (call) => {
    const operation = operations[call.operation];
    if (operation === undefined) {
      return ['is no operation'];
    }
    const answered =
      call.status === 200 ? faultsIn(operation.output?.shape, call.answer, 'answer') : faultsOfError(call, operation);
    // A request that was refused may have been wrong on purpose.
    return [...(call.status === 200 ? faultsIn(operation.input?.shape, call.request, 'request') : []), ...answered];
  };
}

function isCommon(service, code, status) {
  return COMMON_ERRORS[service]?.includes(code) || status >= 500;
}

/** What differs from the models and is meant to: `- service:Operation fault` lines. */
function knownFaults() {
  const page = readFileSync(fileURLToPath(new URL('../docs/aws-models.md', import.meta.url)), 'utf8');
  return [...page.matchAll(/^- `(.+)`/gm)].map((match) => match[1]);
}

const judges = new Map();
const counted = new Map();
const faults = new Map();
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const { answer, ...call } = JSON.parse(line);
  const { service, operation } = call;
  if (call.status === NOT_EMULATED) {
    continue;
  }
  if (!judges.has(service)) {
    judges.set(service, judgeOf(service));
  }
  counted.set(service, (counted.get(service) ?? 0) + 1);
  for (const fault of judges.get(service)({ ...call, answer: JSON.parse(answer) })) {
    const name = `${service}:${operation} ${fault}`;
    faults.set(name, (faults.get(name) ?? 0) + 1);
  }
}
const known = knownFaults();
const surprises = [...faults].filter(([name]) => !known.includes(name));
for (const [service, calls] of counted) {
  console.log(`${service}: ${calls} calls`);
}
surprises.forEach(([name, times]) => console.error(`${name} (${times} times)`));
console.log(`${faults.size} faults, of which ${faults.size - surprises.length} are known`);
process.exitCode = counted.size > 0 && surprises.length === 0 ? 0 : 1;
