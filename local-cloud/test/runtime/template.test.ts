import { failedItems } from '../../runtime/event-source-mapping';
import { Intrinsics } from '../../runtime/intrinsics';
import { inOrderOfDependency, type Json, type Template } from '../../runtime/template';

describe('intrinsic functions', () => {
  const template: Template = {
    Parameters: { WithDefault: { Default: 'default' }, Without: {} },
    Conditions: {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      There: { 'Fn::Not': [{ Condition: 'Here' }] },
      Either: {
        'Fn::Or': [{ Condition: 'There' }, { 'Fn::And': [{ Condition: 'Here' }, { 'Fn::Equals': ['a', 'a'] }] }],
      },
    },
  };
  const intrinsics = new Intrinsics({
    template,
    pseudoParameters: { 'AWS::Region': 'us-east-1', 'AWS::Partition': 'aws' },
    resource: (id) =>
      id === 'Queue' ? { ref: 'http://queue', attributes: { Arn: 'arn:queue', 'Nested.Name': 'n' } } : undefined,
  });

  test.each<[string, Json, Json]>([
    ['Ref', { Ref: 'Queue' }, 'http://queue'],
    ['Ref of a parameter', { Ref: 'WithDefault' }, 'default'],
    ['Ref of a pseudo parameter', [{ Ref: 'AWS::Region' }], ['us-east-1']],
    ['GetAtt', { a: { 'Fn::GetAtt': ['Queue', 'Arn'] } }, { a: 'arn:queue' }],
    ['GetAtt in short', { 'Fn::GetAtt': 'Queue.Nested.Name' }, 'n'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Queue' }, 3]] }, 'a-http://queue-3'],
    ['Join of a list made by Split', { 'Fn::Join': ['|', { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] }, 'arn|queue'],
    ['Select', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b'] }] }, 'b'],
    ['Sub', { 'Fn::Sub': '${Queue}/${Queue.Arn}/${AWS::Region}/${!Literal}' }, 'http://queue/arn:queue/us-east-1/${Literal}'],
    ['Sub with variables', { 'Fn::Sub': ['${Own}-${Queue}', { Own: { Ref: 'AWS::Partition' } }] }, 'aws-http://queue'],
    ['If', { 'Fn::If': ['Here', 'yes', 'no'] }, 'yes'],
    ['If not', { 'Fn::If': ['There', 'yes', { Ref: 'Queue' }] }, 'http://queue'],
    ['NoValue in an object', { a: { Ref: 'AWS::NoValue' }, b: { 'Fn::If': ['There', 1, { Ref: 'AWS::NoValue' }] }, c: 1 }, { c: 1 }],
    ['NoValue in a list', [{ Ref: 'AWS::NoValue' }, 1], [1]],
    ['nothing to do', { Ref: 'Queue', other: null, n: 1, b: false }, { Ref: 'Queue', other: null, n: 1, b: false }],
  ])('%s', (_name, value, expected) => {
    expect(intrinsics.resolve(value)).toStrictEqual(expected);
  }); // prettier-ignore

  test.each<[string, Json, string]>([
    ['a function', { 'Fn::FindInMap': [] }, 'the function Fn::FindInMap'],
    ['a pseudo parameter', { Ref: 'AWS::NotificationARNs' }, 'the pseudo parameter AWS::NotificationARNs'],
    ['a resource', { 'Fn::Sub': '${Nothing}' }, 'refers to Nothing, which is not there'],
    ['an attribute', { 'Fn::GetAtt': ['Queue', 'Colour'] }, 'the attribute Colour of Queue'],
    ['a parameter without a default', { Ref: 'Without' }, 'the parameter Without has no default'],
    ['a condition', { 'Fn::If': ['Nowhere', 1, 2] }, 'no condition Nowhere'],
    ['an index', { 'Fn::Select': [2, ['a', 'b']] }, 'there is no item 2'],
    ['an object in a text', { 'Fn::Join': ['', [{ a: 1 }]] }, 'needs a string, number or boolean'],
    ['a dynamic reference', { 'Fn::Join': ['', ['{{resolve:ssm:x}}']] }, 'dynamic references'],
  ])('refuses %s that it does not know', (_name, value, message) => {
    expect(() => intrinsics.resolve(value)).toThrow(message);
  });

  test('conditions', () => {
    expect([undefined, 'Here', 'There', 'Either'].map((name) => intrinsics.holds(name))).toStrictEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

test('resources come after what they refer to or depend on', () => {
  const type = 'AWS::SQS::Queue';
  expect(
    inOrderOfDependency({
      ByRef: { Type: type, Properties: { a: [{ Ref: 'Last' }] } },
      ByAttribute: { Type: type, Properties: { a: { 'Fn::GetAtt': ['ByRef', 'Arn'] } } },
      BySub: { Type: type, Properties: { a: { 'Fn::Sub': ['${AWS::Region} ${ByDependsOn.Arn}', {}] } } },
      ByDependsOn: { Type: type, DependsOn: ['ByAttribute'] },
      Last: { Type: type, DependsOn: 'NotInTheTemplate' },
    }),
  ).toStrictEqual(['Last', 'ByRef', 'ByAttribute', 'ByDependsOn', 'BySub']);
  expect(() =>
    inOrderOfDependency({ A: { Type: type, DependsOn: 'B' }, B: { Type: type, Properties: { a: { Ref: 'A' } } } }),
  ).toThrow('circular dependency: A → B → A');
});

describe("Lambda's rules for the answer to a batch", () => {
  const ids = ['1', '2', '3'];
  const item = (itemIdentifier: unknown) => ({ itemIdentifier });

  test.each<[string, unknown, readonly string[]]>([
    ['null', null, []],
    ['an empty object', {}, []],
    ['a null list', { batchItemFailures: null }, []],
    ['an empty list', { batchItemFailures: [] }, []],
    ['one failure', { batchItemFailures: [item('2')] }, ['2']],
    ['the same failure twice', { batchItemFailures: [item('2'), item('2')] }, ['2']],
    ['a string', 'ok', ids],
    ['a list', [], ids],
    ['a list that is none', { batchItemFailures: 'x' }, ids],
    ['an empty identifier', { batchItemFailures: [item('')] }, ids],
    ['a null identifier', { batchItemFailures: [item('1'), item(null)] }, ids],
    ['a null item', { batchItemFailures: [null] }, ids],
    ['a bad key', { batchItemFailures: [{ id: '1' }] }, ids],
    ['an unknown identifier', { batchItemFailures: [item('1'), item('4')] }, ids],
  ])('%s', (_name, payload, failed) => {
    expect(failedItems({ payload }, ids, true)).toStrictEqual(failed);
  });

  test('a failed invocation returns all messages; a mapping without reported failures returns none', () => {
    expect(failedItems({ payload: { batchItemFailures: [] }, functionError: 'Unhandled' }, ids, true)).toStrictEqual(
      ids,
    );
    expect(failedItems({ payload: null, functionError: 'Unhandled' }, ids, false)).toStrictEqual(ids);
    expect(failedItems({ payload: { batchItemFailures: [item('1')] } }, ids, false)).toStrictEqual([]);
  });
});
