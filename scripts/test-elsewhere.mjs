// Runs `npm test` elsewhere: in other time zones and languages, at other times, and in another order. What fails only here
// depends on where or when it runs, or on what ran before it.
//
//   npm run test:elsewhere [-- --json, or files, as for jest]
//
// Needs libfaketime (Debian's package faketime).
import { spawnSync } from 'node:child_process';

// Half hours beside UTC on both sides, and the far end; a language with letters of its own; days that not each year has, the
// end of a year that has not come everywhere, and the hour that Europe leaves out.
const PLACES = [
  { TZ: 'Asia/Kolkata', LC_ALL: 'tr_TR.UTF-8', at: '2028-02-29T20:10:00Z' },
  { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', at: '2026-12-31T23:50:00Z' },
  { TZ: 'Pacific/Kiritimati', LC_ALL: 'C', at: '2027-03-28T00:55:00Z' },
];

const failed = PLACES.filter(({ at, ...place }, index) => {
  const seconds = Math.round((Date.parse(at) - Date.now()) / 1000);
  const shifted = ['-m', '--exclude-monotonic', '-f', `${seconds < 0 ? '' : '+'}${seconds}`];
  console.log(`\n== ${at}, ${JSON.stringify(place)}`);
  const jest = ['npx', 'jest', '--randomize', `--seed=${index + 1}`, ...process.argv.slice(2)];
  const { status } = spawnSync('faketime', [...shifted, ...jest], {
    stdio: 'inherit',
    // What a file's time is stays true: caches depend on it.
    env: { ...process.env, LANG: place.LC_ALL, ...place, NO_FAKE_STAT: '1' },
  });
  return status !== 0;
});
if (failed.length > 0) {
  console.error(`Failed: ${failed.map(({ at, TZ }) => `${at} in ${TZ}`).join(', ')}`);
}
process.exitCode = failed.length > 0 ? 1 : 0;
