import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeServer, listenOnLoopback } from 'local-cloud';

// What the bundler defines in what ships.
import '../../bench/function-environment';
import { KeptConnections } from '../../lambda/adapters/http-request';

const kept = new KeptConnections();
/** Of each request the number of its connection, from 1. */
const served: number[] = [];
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let connections: Socket[] = [];
const server = createServer((request, response) => {
  served.push(connections.indexOf(request.socket) + 1);
  answer(response, request);
});
server.on('connection', (socket) => connections.push(socket));
let url: string;

beforeAll(async () => {
  url = `http://127.0.0.1:${await listenOnLoopback(server)}`;
});
beforeEach(() => {
  answer = (response) => response.end('ok');
  connections = [];
  served.length = 0;
});
afterEach(() => {
  kept.close();
});
afterAll(() => closeServer(server));

const post = (timeout = 60_000) => kept.post({ url, headers: {}, body: 'x', timeout });
const OK = { status: 200, body: 'ok' };

test('a connection serves one request after the other, until it is closed', async () => {
  expect(await post()).toMatchObject(OK);
  expect(await post()).toMatchObject(OK);
  kept.close();
  expect(await post()).toMatchObject(OK);
  expect(served).toEqual([1, 1, 2]);
});

test('two requests at the same time have two connections', async () => {
  await Promise.all([post(), post()]);
  expect(new Set(served).size).toBe(2);
});

test('where a kept connection breaks off, the request is made once more over a fresh one, and not again', async () => {
  await post();
  answer = (_, { socket }) => socket.destroy();
  expect(await post()).toEqual({ failed: 'after-sending' });
  expect(served).toEqual([1, 1, 2]);
});

test('a fresh connection that breaks off is the outcome', async () => {
  answer = (_, { socket }) => socket.destroy();
  expect(await post()).toEqual({ failed: 'after-sending' });
  expect(served).toEqual([1]);
});

test('a time-out is for both, also where its timer is early', async () => {
  await post();
  answer = () => undefined;
  const clock = jest.spyOn(process.hrtime, 'bigint').mockReturnValue(0n);
  expect(await post(200)).toEqual({ failed: 'after-sending' });
  clock.mockRestore();
  expect(served).toEqual([1, 1]);
});

test('an answer that is longer than what is read of it ends its connection', async () => {
  answer = (response) => response.end('x'.repeat(1_000_000));
  await post();
  answer = (response) => response.end('ok');
  expect(await post()).toMatchObject(OK);
  expect(served).toEqual([1, 2]);
});
