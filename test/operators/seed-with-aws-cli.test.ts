import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { hasTerminal, Terminal } from './terminal';

const OPERATE = readFileSync(path.join(__dirname, '..', '..', 'docs', 'operate.md'), 'utf8');
const [, BLOCK = ''] = /```sh\n(sh -c '[^`]*)```/.exec(OPERATE) ?? [];

const CLIENT_ID = 'amzn1.application-oa2-client.0f3c';
const SECRET = 'amzn1.oa2-cs.v1.0f3c9a';

/** As somebody uses them who has just opened a terminal. */
const shells = [
  ['sh', 'sh -i'],
  ['dash', 'dash -i'],
  ['bash', 'bash --norc -i'],
  ['bash, which reads lines as version 3.2 did', 'bash --norc --noediting -i'],
  ['zsh', 'zsh -f -i'],
  ['fish', `fish --no-config -i --init-command 'function fish_prompt; echo "ready> "; end'`],
].map(([name = '', command = '']) => {
  const isHere = hasTerminal && spawnSync('sh', ['-c', `command -v ${command.split(' ')[0] ?? ''}`]).status === 0;
  return [isHere ? name : `${name} (skipped: it is not here)`, command, isHere] as const;
});

test('docs/operate.md has the block, and in it nothing that a shell would change', () => {
  expect(BLOCK).toContain('--secret-string file:///dev/stdin');
  const quoted = BLOCK.split("'")[1] ?? '';
  // Bash before version 5 looks for history in each line of its own, and fish takes a backslash before another one.
  expect(quoted).not.toMatch(/!|\\\\/);
});

describe.each(shells)('the block of docs/operate.md, pasted into %s', (_name, command, isHere) => {
  const run = isHere ? test : test.skip;
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'home-'));
    writeFileSync(path.join(home, 'aws'), '#!/bin/sh\nprintf "%s\\n" "$@" >"$HOME/arguments"\ncat >"$HOME/stdin"\n', {
      mode: 0o755,
    });
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  /** Pastes the block, types both values, and asks for the exit code. */
  async function paste(clientId: string, clientSecret: string): Promise<Terminal> {
    const environment = { HOME: home, PATH: `${home}:${process.env.PATH ?? ''}`, HISTFILE: path.join(home, 'history') };
    const terminal = new Terminal(command, { ...environment, PS1: 'ready> ', PS2: '', LANG: 'C.UTF-8' });
    await terminal.answer('ready> ', BLOCK.replace('NAME_OF_THE_SECRET', 'shop'));
    // At the beginning of a line: the echo of what was pasted has the same words.
    await terminal.answer(/[\r\n]client id \(is not shown\): /, `${clientId}\r`);
    await terminal.answer(/[\r\n]client secret \(is not shown\): /, `${clientSecret}\r`);
    await terminal.answer('\n', 'exit\r');
    await terminal.end();
    return terminal;
  }

  const kept = (): string[] => readdirSync(home).filter((name) => name === 'stdin');

  run('stores the pair, and shows and keeps the client secret nowhere', async () => {
    const { screen } = await paste(CLIENT_ID, SECRET);
    expect(JSON.parse(readFileSync(path.join(home, 'stdin'), 'utf8'))).toEqual({
      clientId: CLIENT_ID,
      clientSecret: SECRET,
    });
    rmSync(path.join(home, 'stdin'));
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
    expect([screen, ...texts].filter((text) => text.includes(SECRET))).toEqual([]);
    expect(readFileSync(path.join(home, 'arguments'), 'utf8')).toContain('--secret-id\nshop\n');
  });

  run.each([
    ['', ''],
    [CLIENT_ID, ''],
    ['', SECRET],
    [SECRET, CLIENT_ID],
    ['amzn1.sp.solution.0f3c', SECRET],
    [CLIENT_ID, 'amzn1.sp.solution.0f3c'],
    [CLIENT_ID, 'a"b'],
    [CLIENT_ID, 'a b'],
  ])('stores nothing of %j and %j, and says so', async (clientId, clientSecret) => {
    const { screen } = await paste(clientId, clientSecret);
    expect(kept()).toEqual([]);
    expect(screen).toContain('nothing was stored: is');
  });
});
