import { changingFallback, fallbackAsNewest } from '../../../lambda/core/journal/fallback';
import { ADDED, entry, newest } from '../entries';

const served = newest({ digest: 'served', eventTime: ADDED });
const waiting = newest({ digest: 'waiting', eventTime: ADDED + 1, announced: false });

test('there is something to fall back to only while the newest waits, and nothing newer than it was current', () => {
  expect(fallbackAsNewest(entry({ newest: waiting, fallback: served }))?.newest).toEqual(served);
  expect(fallbackAsNewest(entry({ newest: waiting }))).toBeUndefined();
  expect(fallbackAsNewest(entry({ newest: null, fallback: served }))).toBeUndefined();
  expect(fallbackAsNewest(entry({ newest: { ...waiting, announced: true }, fallback: served }))).toBeUndefined();
  expect(fallbackAsNewest(entry({ newest: waiting, fallback: served, superseded: ['served'] }))).toBeUndefined();
});

test('what changes of the fallback leaves the newest as it waits', () => {
  const change = changingFallback((seen) =>
    seen.newest === null ? undefined : { ...seen, newest: { ...seen.newest, announced: false } },
  );
  expect(change(entry({ newest: waiting, fallback: served }))).toMatchObject({
    newest: waiting,
    fallback: { ...served, announced: false },
  });
  expect(change(entry({ newest: waiting }))).toBeUndefined();
});
