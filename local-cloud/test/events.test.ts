import { MovableClock } from '../services/clock';
import { EventBusModel, type EventRule } from '../services/events';
import { thrownBy } from './thrown';

const TARGET = 'arn:aws:lambda:us-east-1:123456789012:function:rotate';

function setUp(): {
  bus: EventBusModel;
  defaultBus: string;
  inputs: { target: string; input: unknown }[];
  rule: (change: Partial<EventRule>) => void;
} {
  const bus = new EventBusModel({ clock: new MovableClock(Date.UTC(2027, 0, 1, 1, 2, 3, 456), { frozen: true }) });
  const inputs: { target: string; input: unknown }[] = [];
  bus.onTarget((target, input) => inputs.push({ target, input }));
  const defaultBus = bus.arnOf(undefined);
  const rule = (change: Partial<EventRule>): void => {
    bus.putRule({
      name: 'rule',
      busArn: defaultBus,
      pattern: { source: ['mine'] },
      targets: [{ arn: TARGET }],
      ...change,
    });
  };
  return { bus, defaultBus, inputs, rule };
}

const ENTRY = {
  Source: 'mine',
  DetailType: 'Happened',
  Detail: '{"hub":"h","application":"A \\"1\\"","count":2,"tags":["a","b"]}',
};

it('hands a matching event to the targets, as EventBridge writes it', () => {
  const { bus, inputs, rule } = setUp();
  rule({});
  const { Entries: [entry] = [] } = bus.putEvents({ Entries: [ENTRY] });
  expect(inputs).toEqual([
    {
      target: TARGET,
      input: {
        version: '0',
        id: entry?.EventId,
        'detail-type': 'Happened',
        source: 'mine',
        account: '123456789012',
        time: '2027-01-01T01:02:03Z',
        region: 'us-east-1',
        resources: [],
        detail: { hub: 'h', application: 'A "1"', count: 2, tags: ['a', 'b'] },
      },
    },
  ]);
});

it.each<[string, EventRule['pattern'], boolean]>([
  ['a value', { 'detail-type': ['Happened'] }, true],
  ['one of several', { source: ['other', 'mine'] }, true],
  ['another value', { source: ['other'] }, false],
  ['all fields', { source: ['mine'], detail: { hub: ['h'] } }, true],
  ['one field of two', { source: ['mine'], detail: { hub: ['x'] } }, false],
  ['a field that is not there', { detail: { none: ['x'] } }, false],
  ['a field below one that is not there', { detail: { none: { deeper: ['x'] } } }, false],
  ['a prefix', { source: [{ prefix: 'mi' }] }, true],
  ['another prefix', { source: [{ prefix: 'ot' }] }, false],
  ['a number', { detail: { count: [2] } }, true],
  ['a number as text', { detail: { count: ['2'] } }, false],
  ['a member of a list', { detail: { tags: ['b'] } }, true],
])('matches %s: %j is %s', (_, pattern, matches) => {
  const { bus, inputs, rule } = setUp();
  rule({ pattern });
  bus.putEvents({ Entries: [ENTRY] });
  expect(inputs).toHaveLength(matches ? 1 : 0);
});

it.each<[string, EventRule['pattern']]>([
  ['anything-but', { source: [{ 'anything-but': 'x' }] }],
  ['exists', { detail: { hub: [{ exists: true }] } }],
  ['$or', { $or: [{ source: ['x'] }] }],
])('refuses a pattern with %s', (_, pattern) => {
  const { rule } = setUp();
  expect(
    thrownBy(() => {
      rule({ pattern });
    }),
  ).toMatchObject({ name: 'NotEmulated' });
});

describe('inputs', () => {
  const inputOf = (target: Omit<EventRule['targets'][number], 'arn'>): unknown => {
    const { bus, inputs, rule } = setUp();
    rule({ targets: [{ arn: TARGET, ...target }] });
    bus.putEvents({ Entries: [ENTRY] });
    return inputs[0]?.input;
  };

  it('are fixed, part of the event, or built from it', () => {
    expect(inputOf({ input: '{"a":1}' })).toEqual({ a: 1 });
    expect(inputOf({ inputPath: '$.detail.count' })).toBe(2);
    expect(
      inputOf({
        inputTransformer: {
          inputPathsMap: { 'detail-application': '$.detail.application', n: '$.detail.count', none: '$.detail.none' },
          inputTemplate:
            '{"application":<detail-application>,"n":<n>,"text":"<n> of <detail-application>","none":<none>}',
        },
      }),
    ).toEqual({ application: 'A "1"', n: 2, text: '2 of A "1"', none: '' });
  });

  it.each<[string, Omit<EventRule['targets'][number], 'arn'>]>([
    ['two at a time', { input: '{}', inputPath: '$' }],
    ['a path with an index', { inputPath: '$.resources[0]' }],
    ['a placeholder without a path', { inputTransformer: { inputTemplate: '{"a":<aws.events.rule-arn>}' } }],
  ])('are refused: %s', (_, target) => {
    expect(thrownBy(() => inputOf(target))).toMatchObject({ name: 'NotEmulated' });
  });
});

describe('entries that fail', () => {
  it.each<[string, object, string]>([
    ['no source', { Source: undefined }, 'InvalidArgument'],
    ['no detail type', { DetailType: '' }, 'InvalidArgument'],
    ['a detail that is not JSON', { Detail: '{' }, 'MalformedDetail'],
    ['a detail that is no object', { Detail: '[]' }, 'MalformedDetail'],
    ['a source of AWS', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
  ])('fail one by one: %s', (_, change, code) => {
    const { bus, inputs, rule } = setUp();
    rule({});
    const answer = bus.putEvents({ Entries: [{ ...ENTRY, ...change }, ENTRY] });
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries?.[0]).toMatchObject({ ErrorCode: code });
    expect(inputs).toHaveLength(1);
  });

  it('fail when a test wants it', () => {
    const { bus } = setUp();
    bus.rejectNext(1);
    expect(bus.putEvents({ Entries: [ENTRY, ENTRY] }).FailedEntryCount).toBe(1);
    expect(bus.sent).toHaveLength(1);
  });
});

it('takes at most 10 entries and 256 KiB', () => {
  const { bus } = setUp();
  const refused = { code: 'ValidationException' };
  expect(thrownBy(() => bus.putEvents({ Entries: [] }))).toMatchObject(refused);
  expect(thrownBy(() => bus.putEvents({ Entries: Array.from({ length: 11 }, () => ENTRY) }))).toMatchObject(refused);
  expect(
    thrownBy(() => bus.putEvents({ Entries: [{ ...ENTRY, Detail: `{"a":"${'x'.repeat(262_144)}"}` }] })),
  ).toMatchObject(refused);
});

it('keeps buses apart, named or by ARN', () => {
  const { bus, inputs, rule } = setUp();
  const other = bus.createBus('other');
  rule({ busArn: other });
  bus.putEvents({ Entries: [ENTRY] });
  expect(inputs).toEqual([]);
  bus.putEvents({
    Entries: [
      { ...ENTRY, EventBusName: 'other' },
      { ...ENTRY, EventBusName: other },
    ],
  });
  expect(inputs).toHaveLength(2);
  expect(() => bus.putEvents({ Entries: [{ ...ENTRY, EventBusName: 'none' }] })).toThrow(/does not exist/);
});
