import { filterPattern } from '../services/filter-pattern';

const LINES = [
  '{"level":"ERROR","message":"message kept"}',
  'Task timed out after 2 seconds',
  '{"level":"INFO","message":"kept"}',
];

it.each([
  ['', [0, 1, 2]],
  ['ERROR', [0]],
  ['message kept', [0, 2]],
  ['"message kept"', [0]],
  ['?ERROR ?"timed out"', [0, 1]],
  ['{ $.message = "kept" }', [2]],
  ['{$.message="message*"}', [0]],
  ['{ $.other.member = "kept" }', []],
])('%s', (pattern, expected) => {
  const matches = filterPattern(pattern);
  expect(LINES.flatMap((line, index) => (matches(line) ? [index] : []))).toEqual(expected);
});

it.each(['?ERROR kept', '-ERROR', '{ $.a = 1 }', '{ $.a = "b" && $.c = "d" }', '[a, b]', '%ERR%'])(
  'refuses %s, which is not emulated',
  (pattern) => {
    expect(() => filterPattern(pattern)).toThrow(`the filter pattern ${pattern}`);
  },
);
