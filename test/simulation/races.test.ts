import { sample } from '../sample';
import { problemsInRace, RACES, STARTS } from './races';

test.each(Object.entries(RACES))('%s', async (_, race) => {
  const problems: string[] = [];
  for await (const problem of problemsInRace(race, sample(STARTS, 5))) {
    problems.push(problem);
    if (problems.length === 5) {
      break;
    }
  }
  expect(problems).toEqual([]);
});
