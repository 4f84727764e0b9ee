// Run by http-request.test.ts in a process of its own: makes the call that the first argument describes, and prints what came of it.
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { call, CLIENT_CONFIGURATION } from '../../lambda/adapters/aws-call';
import { post, type Post } from '../../lambda/adapters/http-request';

const [what = '', endpoint] = process.argv.slice(2);

function callAws(url: string): Promise<unknown> {
  const credentials = { accessKeyId: 'ASIA', secretAccessKey: 'none' };
  const client = new SQSClient({ ...CLIENT_CONFIGURATION, maxAttempts: 1, endpoint: url, region: 'x', credentials });
  return call('sqs:ListQueues', () => client.send(new ListQueuesCommand({})));
}

(endpoint === undefined ? post(JSON.parse(what) as Post) : callAws(endpoint)).then(
  (outcome) => {
    console.log(JSON.stringify(outcome));
  },
  () => {
    console.log('"thrown"');
  },
);
