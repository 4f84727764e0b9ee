import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vm from 'node:vm';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ts from 'typescript';
import { SpApiSecretRotation } from '../../lib';

const ROOT = path.join(__dirname, '..', '..');
const REPOSITORY =
  /^https:\/\/github\.com\/cdk-sp-api-secret-rotation\/cdk-sp-api-secret-rotation(?:\/(?:blob|tree)\/main\/)?(?=#|$|[\w.])/;

function markdown(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder)).flatMap((name) =>
    name.endsWith('.md') ? [path.join(folder, name)] : [],
  );
}

const DOCUMENTS = [
  ...['', 'docs', 'docs/adr', 'lambda/core', 'bin/command', 'local-cloud', 'bench', 'test/fakes'].flatMap(markdown),
  ...readdirSync(path.join(ROOT, 'examples')).flatMap((name) => markdown(path.join('examples', name))),
].filter((name) => name !== 'API.md');

const read = (document: string): string => readFileSync(path.join(ROOT, document), 'utf8');

/** Blocks of code in one language, without the indentation of a list. */
function blocks(document: string, language: string): string[] {
  return [...read(document).matchAll(/^( *)```(\w+)\n([^]*?)\n\1```$/gm)].flatMap(([, indent = '', name, code = '']) =>
    name === language ? [code.replaceAll(new RegExp(`^${indent}`, 'gm'), '')] : [],
  );
}

const inAll = (language: string): [string, string][] =>
  DOCUMENTS.flatMap((document) => blocks(document, language).map((code): [string, string] => [document, code]));

test('each block of TypeScript compiles that users read', () => {
  const ofUsers = inAll('ts').filter(([document]) => /^(README|docs|examples)\b/.test(document));
  const files = new Map(
    ofUsers.map(([document, code], index) => [path.join(ROOT, 'examples', `block-${index}.ts`), { document, code }]),
  );
  expect(files.size).toBeGreaterThan(5);
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.dev.json'), (name) => ts.sys.readFile(name)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  // Readers see what is declared, not whether the rest is used.
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  host.readFile = (name) => files.get(name)?.code ?? ts.sys.readFile(name);
  host.fileExists = (name) => files.has(name) || ts.sys.fileExists(name);
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false }, host);
  const problems = [...files].flatMap(([name, { document }]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)).map(({ messageText }) => ({
      document,
      problem: ts.flattenDiagnosticMessageText(messageText, '\n'),
    })),
  );
  expect(problems).toEqual([]);
});

test.each(inAll('json'))('each block of JSON can be parsed: %s', (_, code) => {
  expect(() => JSON.parse(code) as unknown).not.toThrow();
});

test.each(inAll('python'))('each block of Python can be parsed: %s', (_, code) => {
  const { stderr } = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: code });
  expect(String(stderr)).toBe('');
});

test.each(DOCUMENTS)('each npm script that %s names exists', (document) => {
  const manifest = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read(document).matchAll(/npm run ([\w:-]+)(?![\w:-]| --workspace)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test.each(inAll('sh'))('%s: nothing in %j is a comment, which zsh takes for arguments at its prompt', (_, code) => {
  expect(code).not.toMatch(/(^|\s)#/m);
});

test.each(DOCUMENTS)(
  'each variable in a command of %s is set there, or by the runbook before its first command',
  (document) => {
    const sh = (name: string): string => blocks(name, 'sh').join('\n');
    const set = new Set(
      [...`${sh(document)}\n${sh('docs/runbook.md')}`.matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, one]) => one),
    );
    const used = [...sh(document).matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map(([, name]) => name);
    expect(used.filter((name) => !set.has(name))).toEqual([]);
  },
);

test('each path that CONTRIBUTING.md names exists', () => {
  const paths = [
    ...read('CONTRIBUTING.md').matchAll(/`((?:lib|lambda|bin|test|docs|examples|scripts|bench)\/[\w./-]+)`/g),
  ];
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.map(([, name = '']) => name).filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
});

/** As GitHub makes them. */
function anchors(document: string): string[] {
  return [
    ...read(document)
      .replaceAll(/^( *)```[^]*?^\1```$/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(DOCUMENTS)('each link of %s leads to a file of the repository and to a heading in it', (document) => {
  const links = [
    ...read(document)
      .replaceAll(/^( *)```[^]*?^\1```$/gm, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, link = '']) => link);
  const dead = links.filter((link) => {
    const isOwn = REPOSITORY.test(link);
    if (!isOwn && /^[a-z]+:/.test(link)) {
      return false;
    }
    const [file = '', anchor] = (isOwn ? link.replace(REPOSITORY, '/') : link).split('#');
    const target = file === '' ? document : path.join(isOwn ? '' : path.dirname(document), file);
    const name = isOwn && file === '/' ? 'README.md' : target.replace(/^\//, '');
    if (!existsSync(path.join(ROOT, name))) {
      return true;
    }
    // GitHub shows the README under #readme.
    return anchor !== undefined && anchor !== 'readme' && !anchors(name).includes(anchor);
  });
  expect(dead).toEqual([]);
});

test('the README is short: at most 2,600 words', () => {
  expect(read('README.md').split(/\s+/).length).toBeLessThanOrEqual(2600);
});

test('a hub and an application renamed as docs/changes.md says keep their queues and secrets', () => {
  const kept = (stack: Stack): [string, unknown][] =>
    Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string; Properties: object }>)
      .filter(([, { Type }]) => ['AWS::SQS::Queue', 'AWS::SecretsManager::Secret'].includes(Type))
      .map(([id, { Type, Properties }]): [string, unknown] => [id, { Type, ...Properties, Description: undefined }])
      .sort();
  const before = new Stack(new App(), 'Hub');
  new SpApiSecretRotation(before, 'Rotation').addApplication('Shop');

  const [code = ''] = blocks('docs/changes.md', 'ts').filter((block) => block.includes('overrideLogicalId'));
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const after = new Stack(new App(), 'Hub');
  vm.runInNewContext(outputText, {
    exports: {},
    require: (name: string) => (name === 'cdk-sp-api-secret-rotation' ? { SpApiSecretRotation } : {}),
    stack: after,
  });
  expect(kept(after)).toEqual(kept(before));
  expect(kept(before)).toHaveLength(4);
});
