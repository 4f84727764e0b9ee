import { createSqsServer } from 'local-aws-sqs';
import type { AddressInfo } from 'node:net';
import type { ContractEndpoint } from './contract/rules';
import { sqsContract } from './contract/sqs';
import { foreignEndpoint, ownEndpoint } from './own-endpoint';

describe('SQS: the local cloud', () => {
  sqsContract(ownEndpoint);
});

// A second opinion by other people: an emulation that only agrees with itself is no evidence.
describe('SQS: local-aws-sqs', () => {
  const start = async (): Promise<ContractEndpoint> => {
    const server = await createSqsServer({ port: 0, hostname: '127.0.0.1' });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return foreignEndpoint(url, async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    });
  };

  sqsContract(start, {
    broken: [
      'keeps the time of the first enqueue in the dead-letter queue',
      'goes on counting receives in the dead-letter queue',
      'answers a long poll as soon as there is a message, whatever number was asked for',
      'refuses characters that XML does not have',
    ],
    notTried: ['keeps a message no longer than the retention period'],
  });
});

const { SQS_CONTRACT_URL: url } = process.env;

if (url !== undefined) {
  describe(`SQS: ${url}`, () => {
    sqsContract(() => Promise.resolve(foreignEndpoint(url)));
  });
}
