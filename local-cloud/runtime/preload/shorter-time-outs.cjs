// Loaded first by functions whose calls get no answer in a test, so that no test waits for half a minute each time.
const FACTOR = 20;
/** In milliseconds. Shorter waits stay as they are: they are for polling, not time-outs. */
const MIN_TIME_OUT = 500;

const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (milliseconds) => timeout(milliseconds / FACTOR);

const { setTimeout: wait } = globalThis;
globalThis.setTimeout = Object.assign(
  (callback, milliseconds, ...parameters) =>
    wait(callback, milliseconds >= MIN_TIME_OUT ? milliseconds / FACTOR : milliseconds, ...parameters),
  wait,
);
