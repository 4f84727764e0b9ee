/** What a prop must be, in words, and how it is recognized. Not by its class: an app may have two copies of aws-cdk-lib. */
export interface PropType {
  readonly is: string;
  readonly test: (value: unknown) => boolean;
}

/** An object of the CDK, known by a member that only such objects have. */
export function withMember(is: string, member: string): PropType {
  return { is, test: (value) => typeof value === 'object' && value !== null && member in value };
}

export function oneOf(is: string, values: object): PropType {
  return { is, test: (value) => Object.values(values).includes(value) };
}

export const TEXT: PropType = { is: 'a string', test: (value) => typeof value === 'string' };
export const FLAG: PropType = { is: 'true or false', test: (value) => typeof value === 'boolean' };
export const OBJECT: PropType = { is: 'an object', test: (value) => typeof value === 'object' && value !== null };
export const LIST: PropType = { is: 'a list', test: (value) => Array.isArray(value) };
export const NUMBER: PropType = { is: 'a number', test: (value) => typeof value === 'number' };

/**
 * Throws where a prop is of another type. Only JavaScript lets that happen: the compilers of the other languages, and jsii,
 * see it before.
 *
 * @param types of all props
 * @param of whose they are, such as ` of application "Shop"`
 */
export function requirePropTypes<Props extends object>(
  props: Props,
  types: Readonly<Record<keyof Props, PropType>>,
  of = '',
): void {
  for (const [name, type] of Object.entries<PropType>(types)) {
    const value: unknown = props[name as keyof Props];
    if (value !== undefined && !type.test(value)) {
      // The value is not quoted: it may be a client secret.
      throw new Error(`${name}${of} must be ${type.is}; received ${typeText(value)}`);
    }
  }
}

function typeText(value: unknown): string {
  return value === null ? 'null' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
