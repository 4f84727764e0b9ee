import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../../scripts/bundle-options.cjs';
import { run, type Finished } from '../operators/command';

/** A process of its own: where nothing keeps it alive, it ends without an answer, as a function would. */
const directory = mkdtempSync(path.join(tmpdir(), 'http-request-'));
const program = path.join(directory, 'one-call.mjs');
let server: Server | undefined;

beforeAll(async () => {
  const options = bundleOptions({ version: '0.0.0', target: 'node20', runsOn: 'lambda' });
  const built = await build({ ...options, footer: {}, entryPoints: [path.join(__dirname, 'one-call.ts')] });
  writeFileSync(program, built.outputFiles[0]?.contents ?? '');
});
afterEach(() => {
  server?.close();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Nothing that a healthy machine comes near. */
const PATIENT = 60_000;
/** For servers that would keep a call for ever. */
const SHORT = 300;

function listen(listening: Server): Promise<number> {
  server = listening;
  return new Promise((resolve) => {
    listening.listen(0, '127.0.0.1', () => {
      resolve((listening.address() as AddressInfo).port);
    });
  });
}

/** A server that does this with each connection, once something came over it. */
function hostile(behave: (socket: Socket) => void): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        behave(socket);
      });
    }),
  );
}

const TOKEN = 'Atza|token0of1nobody2';

function post(url: string, timeout: number, environment: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const what = { url, timeout, headers: { 'x-amz-access-token': TOKEN }, body: '' };
  return run(process.execPath, [program, JSON.stringify(what)], { PATH: process.env.PATH, ...environment });
}

function callAws(url: string, environment: NodeJS.ProcessEnv): Promise<Finished> {
  return run(process.execPath, [program, '', url], { PATH: process.env.PATH, ...environment });
}

/** Writes again and again, for as long as the other side reads. */
function endlessly(text: string, first = ''): (socket: Socket) => void {
  return (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(text)) {
        // Until the buffer is full.
      }
    };
    socket.on('drain', more);
    socket.write(first);
    more();
  };
}

const says =
  (text: string, then: 'end' | 'destroy' | 'wait' = 'end') =>
  (socket: Socket): void => {
    socket.write(text);
    if (then !== 'wait') {
      socket[then]();
    }
  };

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const EMPTY = { status: 200, body: '' };
const header = (line: string): ((socket: Socket) => void) => says(`${OK}${line}\r\nContent-Length: 0\r\n\r\n`);
const AFTER = { failed: 'after-sending' };

test.each<readonly [string, (socket: Socket) => void, number, object]>([
  ['answers', says(`${OK}Content-Length: 2\r\n\r\nok`), PATIENT, { status: 200, body: 'ok' }],
  ['gives its time', header('Date: Fri, 27 Nov 2026 10:00:00 GMT'), PATIENT, { ...EMPTY, date: 1_795_773_600_000 }],
  ['gives no time', header('Date: soon'), PATIENT, EMPTY],
  [
    'gives a request id',
    header(`x-amzn-RequestId: a-B_${'9'.repeat(60)}`),
    PATIENT,
    { ...EMPTY, requestId: `a-B_${'9'.repeat(60)}` },
  ],
  ['gives a longer request id', header(`x-amzn-RequestId: ${'9'.repeat(65)}`), PATIENT, EMPTY],
  ['gives a token as its request id', header(`x-amzn-RequestId: ${TOKEN}`), PATIENT, EMPTY],
  ['gives two request ids', header('x-amzn-RequestId: a\r\nx-amzn-RequestId: b'), PATIENT, EMPTY],
  [
    'redirects',
    says('HTTP/1.1 307 x\r\nLocation: https://x.example/\r\nContent-Length: 0\r\n\r\n'),
    PATIENT,
    { status: 307, body: '' },
  ],
  ['switches protocols', says('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', 'wait'), PATIENT, AFTER],
  ['switches to no protocol', says('HTTP/1.1 101 x\r\n\r\n', 'wait'), PATIENT, { status: 101, body: '' }],
  [
    'switches protocols and closes',
    says('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    PATIENT,
    AFTER,
  ],
  ['says "continue" for ever', endlessly('HTTP/1.1 100 Continue\r\n\r\n'), SHORT, AFTER],
  ['gives early hints and nothing else', says('HTTP/1.1 103 x\r\nLink: x\r\n\r\n', 'wait'), SHORT, AFTER],
  ['sends headers for ever', endlessly('X-Y: z\r\n', OK), PATIENT, AFTER],
  ['sends one header for ever', endlessly('x', `${OK}X-Y: `), PATIENT, AFTER],
  ['sends trailers for ever', endlessly('X-Y: z\r\n', `${CHUNKED}0\r\n`), PATIENT, AFTER],
  ['sends a body for ever', endlessly('1\r\nx\r\n', CHUNKED), PATIENT, { status: 200, body: 'x'.repeat(65_536) }],
  ['stops within the body', says(`${CHUNKED}1\r\nx\r\n`, 'wait'), SHORT, AFTER],
  ['closes within the body', says(`${OK}Content-Length: 9\r\n\r\nx`), PATIENT, AFTER],
  ['resets within the body', says(`${OK}Content-Length: 9\r\n\r\nx`, 'destroy'), PATIENT, AFTER],
  ['closes its half', says(''), PATIENT, AFTER],
  ['answers garbage', says('\0\u0001\u0002 garbage \r\n\r\n'), PATIENT, AFTER],
  ['answers garbage for ever', endlessly('\u0007'), PATIENT, AFTER],
  ['says nothing', says('', 'wait'), SHORT, AFTER],
])('a server that %s gets a settled call', async (_name, behave, timeout, expected) => {
  const port = await hostile(behave);
  const { out } = await post(`http://127.0.0.1:${port}/`, timeout);
  expect(JSON.parse(out === '' ? '"never settled"' : out)).toEqual(expected);
});

test.each<readonly [string, (socket: Socket) => void, number]>([
  ['closes within the TLS handshake', says(''), PATIENT],
  ['resets within the TLS handshake', says('', 'destroy'), PATIENT],
  ['does not speak TLS', says(`${OK}\r\n`), PATIENT],
  ['never ends the TLS handshake', says('', 'wait'), SHORT],
])('a server that %s never got the request', async (_name, behave, timeout) => {
  const port = await hostile(behave);
  expect(JSON.parse((await post(`https://127.0.0.1:${port}/`, timeout)).out)).toEqual({ failed: 'before-sending' });
});

test.each([
  ['with it', {}],
  ['although the environment says that none is needed', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
])('a server without a trusted certificate gets no request: %s', async (_name, environment) => {
  const [key, cert] = ['key', 'cert'].map((name) => path.join(directory, `${name}.pem`)) as [string, string];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const pair = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...subject, ...pair], {
    stdio: 'pipe',
    env: { PATH: process.env.PATH },
  });
  const requests: unknown[] = [];
  const port = await listen(
    createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      requests.push(request.headers);
      response.end();
    }),
  );
  const url = `https://127.0.0.1:${port}/`;
  expect(JSON.parse((await post(url, PATIENT, environment)).out)).toEqual({ failed: 'before-sending' });
  expect((await callAws(url, environment)).out).toBe('"thrown"\n');
  expect(requests).toEqual([]);
  // The control: one that trusts the certificate is served.
  const trusting = { NODE_EXTRA_CA_CERTS: cert };
  expect(JSON.parse((await post(url, PATIENT, trusting)).out)).toMatchObject({ status: 200 });
  await callAws(url, trusting);
  expect(requests).toMatchObject([{ 'x-amz-access-token': TOKEN }, { 'x-amz-target': 'AmazonSQS.ListQueues' }]);
});

test('what Node.js prints of HTTP where NODE_DEBUG is set does not contain the token', async () => {
  const port = await hostile(says(`${OK}Content-Length: 0\r\n\r\n`));
  const { out, error } = await post(`http://127.0.0.1:${port}/`, PATIENT, { NODE_DEBUG: 'http,https,http2,tls,net' });
  expect(JSON.parse(out)).toMatchObject({ status: 200 });
  expect(error).toContain('HTTP');
  expect(error).not.toContain(TOKEN.slice(5, 12));
});
