import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runCommand, type Finished } from './command';

/** What a terminal would obey: clear the screen, write into the clipboard, overwrite the line, turn the text round. */
const HOSTILE = '\u001b[2J\u001b]52;c;cm0gLXJm\u0007\rhealthy\u009b31m\u202egnihton\u2028\u0000\u0008';
/** The line feed stays: tables and JSON have many. */
const OBEYED = /[^\P{C}\n]|[\u2028\u2029]/u;

let server: Server;
let answer: object;
let url: string;

beforeAll(
  () =>
    new Promise<void>((resolve) => {
      server = createServer((request, response) => {
        request.resume();
        const isError = 'errorMessage' in answer;
        response.writeHead(200, isError ? { 'x-amz-function-error': 'Unhandled' } : {});
        response.end(JSON.stringify(answer));
      }).listen(0, '127.0.0.1', () => {
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        resolve();
      });
    }),
);
afterAll(() => {
  server.close();
});

/** A function that answers this. */
function asked(given: object, ...args: string[]): Promise<Finished> {
  answer = given;
  const key = { AWS_ACCESS_KEY_ID: 'ASIA', AWS_SECRET_ACCESS_KEY: 'none', AWS_REGION: 'eu-west-1' };
  const environment = { PATH: process.env.PATH, HOME: '/nonexistent', AWS_ENDPOINT_URL: url, ...key };
  return runCommand(environment, ...args, '--function-name', 'arn:aws:lambda:eu-west-1:111122223333:function:hub');
}

test('an id is shown whole, however long, in a table of 80 columns', async () => {
  const id = 'A'.repeat(64);
  const { out } = await asked({ applications: [{ ...application, application: id, next: '' }] }, 'status');
  expect(out).toContain(` ${id} `);
  const table = out.split('\n').filter((line) => /^[│├┌└]/.test(line));
  expect(new Set(table.map((line) => line.length))).toEqual(new Set([80]));
});

const application = { application: 'Shop', clientId: '', outcome: 'failed', kind: 'needs-person', next: HOSTILE };

test.each<readonly [string, object, string[]]>([
  ['a table', { applications: [application] }, ['status']],
  ['names in a table', { applications: [{ ...application, application: HOSTILE, outcome: HOSTILE }] }, ['status']],
  ['JSON', { applications: [application] }, ['status', '--json']],
  ['the error of a function', { errorType: 'X', errorMessage: HOSTILE }, ['status']],
  [
    'the names of all applications',
    { applications: [{ ...application, application: HOSTILE }] },
    ['status', '--application', 'Nobody'],
  ],
  ['an unknown option', {}, ['status', `--${HOSTILE.replaceAll('\0', '')}`]],
])('%s cannot command the terminal', async (_name, given, args) => {
  const { out, error } = await asked(given, ...args);
  const printed = `${out}${error}`;
  expect(printed).toContain('healthy');
  expect(printed).not.toMatch(OBEYED);
});

test('a command that the table would cut is there in one piece', async () => {
  const command = `aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:${'x'.repeat(60)}`;
  const { out } = await asked({ applications: [{ ...application, next: `Restore it: ${command}.` }] }, 'status');
  expect(out).toContain(command);
});

test('JSON is what the function answered, all the same', async () => {
  const { out } = await asked({ applications: [application] }, 'status', '--json');
  expect(JSON.parse(out)).toEqual({ applications: [application] });
});

test.each([
  ['an id', ['rotate', '--yes', '--application', 'amzn1.oa2-cs.v1.planted']],
  ['an old one as an id', ['rotate', '--yes', '--application', 'F0e1d2c3'.repeat(9)]],
  ['the id to show', ['status', '--application', 'amzn1.oa2-cs.v1.planted']],
  ['an option', ['status', '--amzn1.oa2-cs.v1.planted']],
])('a client secret as %s is not repeated', async (_name, args) => {
  const { out, error, code } = await asked({ applications: [{ ...application, next: '' }] }, ...args);
  expect(code).toBe(2);
  expect(error).not.toBe('');
  expect(`${out}${error}`).not.toMatch(/planted|F0e1/);
});
