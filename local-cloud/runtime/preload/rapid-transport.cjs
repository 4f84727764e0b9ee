// Worker thread of rapid-client.cjs: sends one request at a time to the runtime API while the main thread is blocked.
'use strict';

const http = require('node:http');
const { workerData } = require('node:worker_threads');

const { address, port, signal } = workerData;
const [hostname, portNumber] = address.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** Answers one request once: a connection may still break off behind its answer, and that must not answer the next. */
function answering() {
  let answered = false;
  return (message) => {
    if (answered) {
      return;
    }
    answered = true;
    port.postMessage(message);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  };
}

port.on('message', ({ method, path, headers, body }) => {
  const answer = answering();
  const request = http.request({ hostname, port: portNumber, method, path, headers, agent }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () =>
      answer({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
    );
    response.on('error', (error) => answer({ error: error.message }));
  });
  request.on('error', (error) => answer({ error: error.message }));
  request.end(body);
});
