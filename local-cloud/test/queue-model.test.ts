import { MovableClock } from '../services/clock';
import { QueueModel, type QueueModelOptions } from '../services/queue-model';
import { thrownBy } from './thrown';

const DAY_SECONDS = 86_400;

function setUp(options: Partial<QueueModelOptions> = {}): { clock: MovableClock; queue: QueueModel; dead: QueueModel } {
  const clock = new MovableClock(Date.UTC(2027, 0, 1), { frozen: true });
  const dead = new QueueModel({
    clock,
    arn: 'arn:aws:sqs:us-east-1:123456789012:dead',
    retentionSeconds: 14 * DAY_SECONDS,
  });
  const queue = new QueueModel({
    clock,
    arn: 'arn:aws:sqs:us-east-1:123456789012:queue',
    retentionSeconds: 14 * DAY_SECONDS,
    redrive: { maxReceiveCount: 3, deadLetterQueue: () => dead },
    ...options,
  });
  return { clock, queue, dead };
}

it('counts 14 days from the first enqueue, also in the dead-letter queue', () => {
  const { clock, queue, dead } = setUp();
  queue.send('x');
  clock.advance(13 * DAY_SECONDS * 1000);
  for (let count = 0; count < 4; count += 1) {
    queue.receive();
    clock.advance(31_000);
  }
  expect(dead.inspect()).toHaveLength(1);
  clock.advance(DAY_SECONDS * 1000);
  expect(dead.inspect()).toEqual([]);
});

it('gives the source of a dead letter', () => {
  const { clock, queue, dead } = setUp({});
  queue.send('x');
  for (let count = 0; count < 4; count += 1) {
    queue.receive();
    clock.advance(31_000);
  }
  expect(dead.receive()[0]?.attributes).toMatchObject({
    DeadLetterQueueSourceArn: queue.arn,
    ApproximateReceiveCount: '4',
  });
});

it.each([
  [30, {}, {}],
  [360, { visibilitySeconds: 360 }, {}],
  [10, { visibilitySeconds: 360 }, { visibilitySeconds: 10 }],
])('hides a received message for %i seconds: of the queue %j, of the receive %j', (seconds, options, received) => {
  const { clock, queue } = setUp(options);
  queue.send('x');
  queue.receive(received);
  clock.advance(seconds * 1000 - 1);
  expect(queue.receive()).toEqual([]);
  clock.advance(1);
  expect(queue.receive()).toHaveLength(1);
});

it('keeps a message for the whole of a lengthened visibility, up to 12 hours', () => {
  const { clock, queue } = setUp();
  queue.send('x');
  const handle = queue.receive()[0]?.receiptHandle ?? '';
  clock.advance(20_000);
  queue.changeVisibility(handle, 1800);
  clock.advance(1_799_000);
  expect(queue.receive()).toEqual([]);
  expect(queue.nextVisibleAt()).toBe(clock.now() + 1000);
  expect(() => {
    queue.changeVisibility(handle, 43_200);
  }).toThrow(/beyond the limit/);
  clock.advance(1000);
  expect(queue.receive()).toHaveLength(1);
  expect(() => {
    queue.changeVisibility(handle, 10);
  }).toThrow(/not available for visibility/);
});

it('deletes nothing with the handle of an earlier receive', () => {
  const { clock, queue } = setUp();
  queue.send('x');
  const early = queue.receive()[0]?.receiptHandle ?? '';
  clock.advance(30_000);
  const late = queue.receive()[0]?.receiptHandle ?? '';
  queue.delete(early);
  expect(queue.inspect()).toHaveLength(1);
  queue.delete(late);
  expect(queue.inspect()).toEqual([]);
  expect(
    thrownBy(() => {
      queue.delete('never given');
    }),
  ).toMatchObject({ code: 'ReceiptHandleIsInvalid' });
});

it('delivers out of order and twice where it is asked to', () => {
  let again = true;
  const { queue } = setUp({ pick: (count) => count - 1, isDeliveredAgain: () => again });
  queue.send('one');
  queue.send('two');
  const [first] = queue.receive();
  expect(first?.body).toBe('two');
  again = false;
  expect(queue.receive({ max: 10 }).map(({ body }) => body)).toEqual(['two', 'one']);
  queue.delete(first?.receiptHandle ?? '');
  expect(queue.inspect()).toHaveLength(2);
});

it('tells visible, delayed and in flight apart', () => {
  const { queue } = setUp();
  queue.send('a');
  queue.send('b', { delaySeconds: 10 });
  queue.receive();
  queue.send('c');
  expect(queue.inspect().map(({ body, state }) => [body, state])).toEqual([
    ['a', 'in-flight'],
    ['b', 'delayed'],
    ['c', 'visible'],
  ]);
});

it('moves nothing while there is no dead-letter queue', () => {
  const { clock, queue } = setUp({ redrive: { maxReceiveCount: 1, deadLetterQueue: () => undefined } });
  queue.send('x');
  for (let count = 0; count < 5; count += 1) {
    expect(queue.receive()).toHaveLength(1);
    clock.advance(31_000);
  }
});

it('makes receipt handles that no program takes for an option', () => {
  const { queue } = setUp({ redrive: undefined });
  queue.send('x');
  const handles = Array.from({ length: 500 }, () => queue.receive({ visibilitySeconds: 0 })[0]?.receiptHandle);
  expect(handles.filter((handle) => handle === undefined || handle.startsWith('-'))).toEqual([]);
  expect(new Set(handles).size).toBe(500);
});
