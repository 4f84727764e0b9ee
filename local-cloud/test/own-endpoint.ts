import { setTimeout as sleep } from 'node:timers/promises';
import { MovableClock } from '../services/clock';
import type { PolicyDocument } from '../services/policy';
import { startServices, type Services } from '../services/services';
import type { ContractEndpoint } from './contract/rules';

const ALLOW_ALL: PolicyDocument = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** A key policy as CDK writes it: the account decides by identity policies. */
export const ACCOUNT_DECIDES: PolicyDocument = {
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' },
  ],
};

export const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

export interface OwnServices {
  readonly clock: MovableClock;
  readonly services: Services;
}

/** The emulated services with an administrator, whose access key is `ADMIN`. */
export async function startOwnServices(): Promise<OwnServices> {
  const clock = new MovableClock();
  const services = await startServices({ clock });
  services.iam.addPrincipal({ name: 'admin', accessKeyId: 'ADMIN', policies: [ALLOW_ALL] });
  return { clock, services };
}

/** What an SDK client needs to call them as somebody. */
export function clientConfiguration(
  services: Services,
  accessKeyId = 'ADMIN',
): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
} {
  return {
    endpoint: services.url,
    region: services.region,
    credentials: { accessKeyId, secretAccessKey: 'unused' },
    maxAttempts: 1,
  };
}

/** The emulated services, for a contract suite. */
export async function ownEndpoint(): Promise<ContractEndpoint> {
  const { clock, services } = await startOwnServices();
  services.iam.addKeyPolicy(KEY_ARN, ACCOUNT_DECIDES);
  return {
    url: services.url,
    region: services.region,
    accessKeyId: 'ADMIN',
    advance: (milliseconds) => {
      clock.advance(milliseconds);
      return Promise.resolve();
    },
    stop: async () => {
      await services.stop();
      expect(services.refused).toEqual([]);
    },
  };
}

/** An endpoint with a clock of its own: time passes by waiting. */
export function foreignEndpoint(url: string, stop: () => Promise<void> = () => Promise.resolve()): ContractEndpoint {
  return {
    url,
    region: 'us-east-1',
    accessKeyId: 'ADMIN',
    advance: async (milliseconds) => {
      await sleep(milliseconds);
    },
    stop,
  };
}
