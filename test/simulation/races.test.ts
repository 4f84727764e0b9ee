import { problemsInRace, RACES } from './races';

test.each(Object.entries(RACES))('%s', async (_, race) => {
  const problems: string[] = [];
  for await (const problem of problemsInRace(race)) {
    problems.push(problem);
    if (problems.length === 5) {
      break;
    }
  }
  expect(problems).toEqual([]);
});
