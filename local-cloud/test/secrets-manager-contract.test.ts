import { secretsManagerContract } from './contract/secrets-manager';
import { foreignEndpoint, ownEndpoint } from './own-endpoint';

describe('Secrets Manager: the local cloud', () => {
  secretsManagerContract(ownEndpoint);
});

const { SECRETS_MANAGER_CONTRACT_URL: url } = process.env;

if (url !== undefined) {
  describe(`Secrets Manager: ${url}`, () => {
    secretsManagerContract(() => Promise.resolve(foreignEndpoint(url)));
  });
}
