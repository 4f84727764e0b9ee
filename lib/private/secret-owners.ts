import { Stack, Token } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

interface Owner {
  readonly name: string;
  readonly account: string;
  readonly region: string;
}

/** Which application has which secret, however the secret is referred to: by name, by ARN, as a resource. */
export class SecretOwners {
  private readonly owners = new Map<string, Owner[]>();

  /** Notes an owner. Returns the one that the secret already had. */
  public claim(secret: secretsmanager.ISecret, name: string): string | undefined {
    const key = nameOf(secret);
    const { account, region } = secret.env;
    const namesakes = this.owners.get(key) ?? [];
    const owner = namesakes.find((other) => !differ(other.account, account) && !differ(other.region, region));
    this.owners.set(key, [...namesakes, { name, account, region }]);
    return owner?.name;
  }
}

function nameOf(secret: secretsmanager.ISecret): string {
  const name: unknown = Stack.of(secret).resolve(secret.secretName);
  // A reference to a resource means the same only within one stack.
  return typeof name === 'string' ? name : `${Stack.of(secret).node.addr} ${JSON.stringify(name)}`;
}

/** Of what is only known at deployment, nothing is certain. */
function differ(one: string, other: string): boolean {
  return !Token.isUnresolved(one) && !Token.isUnresolved(other) && one !== other;
}
