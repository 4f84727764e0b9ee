import { ENVIRONMENT } from '../../lib/contract/environment';

/** The environment variables are not what the construct sets. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
}

/** @throws {Misconfigured} */
export function requireEnvironment(name: keyof typeof ENVIRONMENT): string {
  const value = optionalEnvironment(name);
  if (value === undefined) {
    throw new Misconfigured(
      `the environment variable ${ENVIRONMENT[name]} is missing; change memorySize and deploy: an unchanged stack restores nothing`,
    );
  }
  return value;
}

export function optionalEnvironment(name: keyof typeof ENVIRONMENT): string | undefined {
  const value = process.env[ENVIRONMENT[name]];
  return value === '' ? undefined : value;
}
