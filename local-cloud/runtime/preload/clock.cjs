// Preloaded into a function's process: Date follows the test's clock instead of the machine's.
'use strict';

const RealDate = globalThis.Date;
// Deleted before the function can see it.
let offset = Number(process.env.LOCAL_CLOUD_CLOCK_OFFSET ?? '0');
delete process.env.LOCAL_CLOUD_CLOCK_OFFSET;

const now = () => RealDate.now() + offset;

function Date(...parts) {
  if (new.target === undefined) {
    return new RealDate(now()).toString();
  }
  return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
}
Object.setPrototypeOf(Date, RealDate);
// Both share one prototype, so that instanceof holds for the objects of either.
Date.prototype = RealDate.prototype;
Object.defineProperty(RealDate.prototype, 'constructor', { value: Date, configurable: true, writable: true });
Object.defineProperty(Date, 'length', { value: RealDate.length });
Date.now = now;
globalThis.Date = Date;

/** Makes it `epochMilliseconds` now; from there on time passes as it really does. */
function setClock(epochMilliseconds) {
  offset = epochMilliseconds - RealDate.now();
}

/** A time of the machine's clock, by this one. */
const moved = (epochMilliseconds) => epochMilliseconds + offset;

module.exports = { setClock, moved };
