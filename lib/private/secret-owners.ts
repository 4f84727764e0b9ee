import { Stack } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { certainlyDiffer } from './validation';

interface Owner {
  readonly name: string;
  readonly account: string;
  readonly region: string;
}

/** Knows which application has which secret, whether the secret is given by name, by ARN or as a resource. */
export class SecretOwners {
  private readonly owners = new Map<string, Owner[]>();

  /**
   * Registers an owner. Returns the owner that the secret already had.
   *
   * @param secretName the name of a secret created here, if it was given one
   */
  public claim(secret: secretsmanager.ISecret, name: string, secretName?: string): string | undefined {
    const key = secretName ?? nameOf(secret);
    const { account, region } = secret.env;
    const namesakes = this.owners.get(key) ?? [];
    const owner = namesakes.find(
      (other) => !certainlyDiffer(other.account, account) && !certainlyDiffer(other.region, region),
    );
    this.owners.set(key, [...namesakes, { name, account, region }]);
    return owner?.name;
  }
}

function nameOf(secret: secretsmanager.ISecret): string {
  const name: unknown = Stack.of(secret).resolve(secret.secretName);
  // Logical ids are unique only within one stack.
  return typeof name === 'string' ? name : `${Stack.of(secret).node.addr} ${JSON.stringify(name)}`;
}
