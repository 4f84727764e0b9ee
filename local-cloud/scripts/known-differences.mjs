import { readFileSync } from 'node:fs';

/**
 * Compares the tests that fail with those that a page lists, and sets the exit code. `results`: a report of jest.
 * `isTried` chooses tests by their full names, and `nameOf` makes of these what the page says.
 */
export function compareWithPage({ who, page, results, isTried = () => true, nameOf = (name) => name }) {
  const tests = JSON.parse(readFileSync(results, 'utf8'))
    .testResults.flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName, status }) => status !== 'pending' && isTried(fullName));
  const broken = tests
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => nameOf(fullName))
    .sort();
  const known = [...readFileSync(page, 'utf8').matchAll(/^(?:- |\| )`(.+?)`/gm)].map((match) => match[1]).sort();

  tests.forEach(({ status, fullName }) =>
    console.log(`${status === 'failed' ? 'breaks' : 'keeps '}  ${nameOf(fullName)}`),
  );
  console.log(
    `${who} was asked ${tests.length} times and breaks ${broken.length} rules, of which ${known.length} are known`,
  );
  const surprises = [
    ...broken.filter((name) => !known.includes(name)).map((name) => `breaks, and is not listed: ${name}`),
    ...known.filter((name) => !broken.includes(name)).map((name) => `is listed, and keeps: ${name}`),
    ...(tests.length === 0 ? ['was not asked'] : []),
  ];
  surprises.forEach((line) => console.error(line));
  process.exitCode = surprises.length === 0 ? 0 : 1;
}
