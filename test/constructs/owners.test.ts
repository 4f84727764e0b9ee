import { App, NestedStack, Stack, type StackProps } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { SpApiSecretRotation, type SpApiSecretRotationProps } from '../../lib';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const PERHAPS = '[ack: cdk-sp-api-secret-rotation:SpApiSecretRotation.perhapsShared]';

/** Two hubs of one app, in one stack or in two. */
type Stacks = (app: App) => readonly [Stack, Stack];

const oneStack: Stacks = (app) => {
  const stack = new Stack(app, 'One');
  return [stack, stack];
};
const twoStacks =
  (one: StackProps, two: StackProps): Stacks =>
  (app) => [new Stack(app, 'One', one), new Stack(app, 'Two', two)];
const nestedStack: Stacks = (app) => {
  const stack = new Stack(app, 'One');
  return [stack, new NestedStack(stack, 'Nested')];
};

/** What two hubs are given, each. */
type Given = (stack: Stack, earlier: SpApiSecretRotation | undefined) => SpApiSecretRotationProps;

const queueName: Given = () => ({ queueName: 'secrets' });
const queueNamedLikeAnImport: Given = (stack, earlier) =>
  earlier === undefined
    ? { notificationQueue: new sqs.Queue(stack, 'Own', { queueName: 'secrets' }) }
    : {
        notificationQueue: sqs.Queue.fromQueueArn(
          stack,
          'Import',
          stack.formatArn({ service: 'sqs', resource: 'secrets' }),
        ),
      };
const queueOfTheOther =
  (member: 'notificationQueue' | 'deadLetterQueue' | 'unclaimedQueue'): Given =>
  (_stack, earlier) => ({ notificationQueue: earlier?.[member] });

function hubs(stacks: Stacks, given: Given = () => ({})): [SpApiSecretRotation, SpApiSecretRotation] {
  const app = new App();
  const [one, two] = stacks(app);
  const first = new SpApiSecretRotation(one, 'A', given(one, undefined));
  return [first, new SpApiSecretRotation(two, 'B', given(two, first))];
}

test.each([
  ['one name', oneStack, queueName],
  ['one name in two stacks of one environment', twoStacks({ env: ENV }, { env: ENV }), queueName],
  ['one name in a nested stack', nestedStack, queueName],
  ['a queue and its name', oneStack, queueNamedLikeAnImport],
  ['the queue of the other', oneStack, queueOfTheOther('notificationQueue')],
  ['the queue of the other, in another stack', twoStacks({}, {}), queueOfTheOther('notificationQueue')],
  ['the dead-letter queue of the other', oneStack, queueOfTheOther('deadLetterQueue')],
  ['the unclaimed queue of the other', oneStack, queueOfTheOther('unclaimedQueue')],
])('two hubs may not have one queue: %s', (_, stacks, given) => {
  expect(() => hubs(stacks, given)).toThrow(
    /^each SpApiSecretRotation must have queues of its own; received the queue of "One\/A" for "(One|Two|One\/Nested)\/B"$/,
  );
});

const secretOf = (stack: Stack, id: string): secretsmanager.ISecret =>
  secretsmanager.Secret.fromSecretNameV2(stack, id, 'sp-api/shop');

test.each<
  [string, Stacks, (hub: SpApiSecretRotation, one: secretsmanager.ISecret | undefined) => secretsmanager.ISecret]
>([
  ['one name', oneStack, (hub) => secretOf(Stack.of(hub), `Secret${hub.node.id}`)],
  ['one name in a nested stack', nestedStack, (hub) => secretOf(Stack.of(hub), `Secret${hub.node.id}`)],
  [
    'the secret of the other, in another stack',
    twoStacks({}, {}),
    (hub, one) => one ?? hub.addApplication('Own').secret,
  ],
  [
    'a secret and its name',
    twoStacks({ env: ENV }, { env: ENV }),
    (hub, one) =>
      one === undefined
        ? new secretsmanager.Secret(Stack.of(hub), 'Secret', { secretName: 'sp-api/shop' })
        : secretOf(Stack.of(hub), 'Secret'),
  ],
])('two hubs may not have one secret: %s', (_, stacks, secret) => {
  const [one, two] = hubs(stacks);
  const first = secret(one, undefined);
  if (one.node.findChild('Applications').node.children.length === 0) {
    one.addApplication('Own', { secret: first });
  }
  expect(() => two.addApplication('Shop', { secret: secret(two, first) })).toThrow(
    /^each application must have a secret of its own; received the secret of "Own" of "One\/A" for "Shop"$/,
  );
});

test.each([
  ['of two accounts', { env: ENV }, { env: { ...ENV, account: '444455556666' } }, []],
  ['of two regions', { env: ENV }, { env: { ...ENV, region: 'us-east-1' } }, []],
  ['of unknown environments', {}, {}, [expect.stringContaining(PERHAPS), expect.stringContaining(PERHAPS)]],
  [
    'of which the second is unknown',
    { env: ENV },
    {},
    [expect.stringContaining(PERHAPS), expect.stringContaining(PERHAPS)],
  ],
  [
    'of which the first is unknown',
    {},
    { env: ENV },
    [expect.stringContaining(PERHAPS), expect.stringContaining(PERHAPS)],
  ],
])('one name in two stacks %s may be two queues and two secrets', (_, one, two, warnings) => {
  const [first, second] = hubs(twoStacks(one, two), queueName);
  for (const hub of [first, second]) {
    hub.addApplication('Shop', { secret: secretOf(Stack.of(hub), 'Secret') });
  }
  const found = Annotations.fromStack(Stack.of(second)).findWarning('*', Match.stringLikeRegexp('perhapsShared'));
  expect(found.map(({ entry }) => entry.data)).toEqual(warnings);
});

test('two apps know nothing of each other', () => {
  const named = (): unknown =>
    hubs(
      (app) => [new Stack(app, 'One', { env: ENV }), new Stack(app, 'Two')],
      (_stack, earlier) => (earlier === undefined ? { queueName: 'secrets' } : {}),
    );
  expect([named(), named()]).toHaveLength(2);
});
