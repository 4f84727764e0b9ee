// Loaded into a function's process by tests of calls that never answer: nobody waits half a minute for each.
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (milliseconds) => timeout(milliseconds / 20);
