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
      'delivers the attributes of a message only to whom asks for them',
      'refuses a visibility that ends more than 12 hours after the receive',
      'takes the handle of an earlier receive for a deletion, without an error',
      'takes a VisibilityTimeout from 0 to 43200, answers it, and refuses others',
      'takes a MessageRetentionPeriod from 60 to 1209600, answers it, and refuses others',
      'takes a DelaySeconds from 0 to 900, answers it, and refuses others',
      'takes a ReceiveMessageWaitTimeSeconds from 0 to 20, answers it, and refuses others',
      'counts the messages that are visible, in flight and delayed',
      'is a dead-letter queue only of queues that its RedriveAllowPolicy admits',
      'refuses a RedrivePolicy with text that is no JSON',
      'refuses a RedriveAllowPolicy with text that is no JSON',
      'refuses a RedriveAllowPolicy with an unknown permission',
      'refuses a RedriveAllowPolicy with queues without byQueue',
      'refuses a RedriveAllowPolicy with eleven queues',
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
