import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MUTANTS } from '../../scripts/mutant-list';

// `npm run mutants` tries them, for minutes; this only sees that the core still has the places.
test.each(MUTANTS)('the deliberate defect "$defect" has one place in the core', ({ file, search, replace }) => {
  const source = readFileSync(join(__dirname, '../../lambda/core', file), 'utf8');
  expect(source.split(search)).toHaveLength(2);
  expect(replace).not.toBe(search);
});
