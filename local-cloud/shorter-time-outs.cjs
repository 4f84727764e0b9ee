// Loaded into the processes of functions where calls never answer: nobody waits half a minute for each.
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (milliseconds) => timeout(milliseconds / 20);
