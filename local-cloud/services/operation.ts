import { AwsError, NotEmulated } from './aws-error';
import type { Principal } from './iam';

type Scalar = 'string' | 'number' | 'boolean' | 'strings' | 'blob' | 'time' | 'map';

/** Members that an operation takes, with their types. `!` after the type: required. */
export type Members = Readonly<Record<string, Member>>;

type Member = Scalar | `${Scalar}!` | { readonly list: Members };

/** One operation of a service: it authorizes, then acts. */
export interface Operation {
  readonly members: Members;
  readonly handle: (request: Record<string, unknown>, principal: Principal) => unknown;
}

/** A service as the front door needs it. */
export interface ServiceApi {
  /** As in the credential scope. */
  readonly name: string;
  /** Before the dot in `X-Amz-Target`. */
  readonly target: string;
  readonly contentType: string;
  /** Before the `#` in an error's `__type`; empty when the service answers the bare code. */
  readonly errorNamespace: string;
  /** What holds the text of an error, where it is not `message`. */
  readonly errorMember?: string;
  readonly throttled: AwsError;
  readonly operations: Readonly<Record<string, Operation>>;
}

/** Ties an operation's members to the SDK's type of its request. */
export function operation<Request>(
  members: Partial<Record<keyof Request & string, Member>>,
  handle: (request: Request, principal: Principal) => unknown,
): Operation {
  return {
    members: members as Members,
    handle: (request, principal) => handle(request as Request, principal),
  };
}

/** The request with blobs and times decoded. An unknown member is refused, not ignored. */
export function decode(members: Members, request: unknown, where: string): Record<string, unknown> {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    throw new AwsError('SerializationException', `${where} is not an object`);
  }
  const decoded: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request)) {
    const type = Object.hasOwn(members, name) ? members[name] : undefined;
    if (type === undefined) {
      throw new NotEmulated(`${name} in ${where}`);
    }
    if (value !== null) {
      decoded[name] = decodeMember(type, value, `${where}.${name}`);
    }
  }
  refuseMissingMembers(members, decoded);
  return decoded;
}

function refuseMissingMembers(members: Members, decoded: Readonly<Record<string, unknown>>): void {
  for (const [name, type] of Object.entries(members)) {
    if (typeof type === 'string' && type.endsWith('!') && decoded[name] === undefined) {
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
      );
    }
  }
}

/** JSON with times in seconds and bytes in base64, as the AWS JSON protocols have them. */
export function encode(answer: unknown): string {
  return JSON.stringify(answer ?? {}, function (this: unknown, key, value: unknown) {
    const original: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
    if (original instanceof Date) {
      return original.getTime() / 1000;
    }
    return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value;
  });
}

function decodeMember(type: Member, value: unknown, where: string): unknown {
  if (typeof type === 'object') {
    if (!Array.isArray(value)) {
      throw new AwsError('SerializationException', `${where} is not a list`);
    }
    return value.map((entry, index) => decode(type.list, entry, `${where}[${index}]`));
  }
  const decoded = DECODERS[type.replace('!', '') as Scalar](value);
  if (decoded === undefined) {
    throw new AwsError('SerializationException', `${where} is not of type ${type.replace('!', '')}`);
  }
  return decoded;
}

/** Each returns `undefined` for a value of another type. */
const DECODERS: Readonly<Record<Scalar, (value: unknown) => unknown>> = {
  string: (value) => (typeof value === 'string' ? value : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  strings: (value) => (Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined),
  map: (value) => (typeof value === 'object' && !Array.isArray(value) ? value : undefined),
  blob: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : undefined),
  time: (value) => (typeof value === 'number' ? new Date(value * 1000) : undefined),
};
