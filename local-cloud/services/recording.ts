import { appendFileSync } from 'node:fs';

/** A call of a JSON service and its answer, as they were on the wire. */
export interface RecordedExchange {
  readonly service: string;
  readonly operation: string;
  readonly request: unknown;
  readonly status: number;
  readonly answer: string;
}

/**
 * Appends a call to the file that `LOCAL_CLOUD_RECORDING` names, if it names one, for `scripts/judge-calls.mjs`. Requests hold
 * the client secrets of the fake Amazon, and no others.
 */
export function record(exchange: RecordedExchange): void {
  const { LOCAL_CLOUD_RECORDING: file } = process.env;
  if (file !== undefined) {
    appendFileSync(file, `${JSON.stringify(exchange)}\n`);
  }
}
