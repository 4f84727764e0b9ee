// Preloaded into a function's process: answers aws-lambda-ric's require('./rapid-client.node'), the native add-on that
// npm ci does not build here, with the same three functions over node:http.
//
// They block, as on Lambda: between invocations the process is frozen, and work that a handler did not await continues
// in the next invocation at the earliest.
'use strict';

const Module = require('node:module');
const { MessageChannel, Worker, isMainThread, receiveMessageOnPort } = require('node:worker_threads');
const { moved, setClock } = require('./clock.cjs');

const marker = process.env.LOCAL_CLOUD_MARKER ?? '';
delete process.env.LOCAL_CLOUD_MARKER;

let transport;

function startTransport() {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(require.resolve('./rapid-transport.cjs'), {
    workerData: { address: process.env.AWS_LAMBDA_RUNTIME_API, port: port2, signal },
    transferList: [port2],
    execArgv: [],
    env: {},
  });
  // Neither keeps the process alive after its runtime client has exited.
  worker.unref();
  port1.unref();
  return { port: port1, signal };
}

function call(method, path, body, headers = {}) {
  transport ??= startTransport();
  const { port, signal } = transport;
  Atomics.store(signal, 0, 0);
  port.postMessage({ method, path, body, headers });
  // The notification of the call before may come only now, and ends a wait whatever the value is.
  while (Atomics.load(signal, 0) === 0) {
    Atomics.wait(signal, 0, 0);
  }
  const { message } = receiveMessageOnPort(port);
  if (message.error !== undefined) {
    throw new Error(`the runtime API did not answer: ${message.error}`);
  }
  return message;
}

const written = (stream, text) => new Promise((resolve) => stream.write(text, resolve));

/** A server that is not ours passes the clock on with the client's context, and tells the deadline by the machine's. */
function takeClock({ 'lambda-runtime-client-context': context, ...headers }) {
  const passedOn = context === undefined ? undefined : JSON.parse(context)['local-cloud-clock'];
  setClock(Number(passedOn ?? headers['local-cloud-clock']));
  if (passedOn !== undefined) {
    headers['lambda-runtime-deadline-ms'] = String(moved(Number(headers['lambda-runtime-deadline-ms'])));
  }
  return headers;
}

const client = {
  async next() {
    // The parent reads both streams up to this marker: then it has everything that the last invocation printed.
    await Promise.all([written(process.stdout, `${marker} IDLE\n`), written(process.stderr, `${marker} IDLE\n`)]);
    const { status, headers, body } = call('GET', '/2018-06-01/runtime/invocation/next');
    if (status !== 200) {
      throw new Error(`the runtime API answered ${status}`);
    }
    return { bodyJson: body, headers: takeClock(headers) };
  },
  done(requestId, body) {
    call('POST', `/2018-06-01/runtime/invocation/${requestId}/response`, body, { 'content-type': 'application/json' });
  },
  error(requestId, body, xrayCause) {
    call('POST', `/2018-06-01/runtime/invocation/${requestId}/error`, body, {
      'content-type': 'application/json',
      'lambda-runtime-function-error-type': 'Unhandled',
      'lambda-runtime-function-xray-error-cause': encodeURIComponent(xrayCause),
    });
  },
};

if (isMainThread) {
  const load = Module._load;
  Module._load = function (request, ...rest) {
    return request === './rapid-client.node' ? client : load.call(this, request, ...rest);
  };
}
