// Loaded into the processes of functions where calls never answer: nobody waits half a minute for each.
const FACTOR = 20;
/** Shorter waits than this are left alone: they are somebody's polling, not a time-out. */
const MIN_TIME_OUT = 500;

const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (milliseconds) => timeout(milliseconds / FACTOR);

const { setTimeout: wait } = globalThis;
globalThis.setTimeout = Object.assign(
  (callback, milliseconds, ...parameters) =>
    wait(callback, milliseconds >= MIN_TIME_OUT ? milliseconds / FACTOR : milliseconds, ...parameters),
  wait,
);
