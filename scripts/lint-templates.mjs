// Runs cfn-lint and checkov over the templates of all examples and of the app in bin/app.
//
//   node scripts/lint-templates.mjs
//
// What checkov is not asked, and why: .checkov.yaml.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonTools } from './python-tools.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const tool = pythonTools(['cfn-lint==1.58.0', 'checkov==3.3.30']);

const output = mkdtempSync(path.join(tmpdir(), 'templates-'));
try {
  const examples = path.join(ROOT, 'examples');
  for (const name of readdirSync(examples)) {
    if (existsSync(path.join(examples, name, 'app.ts'))) {
      synthesize(path.join(examples, name, 'app.ts'), path.join(output, name));
    }
  }
  synthesize(path.join(ROOT, 'bin', 'app', 'index.ts'), path.join(output, 'bin'), { applications: [{ id: 'Shop' }] });

  const templates = readdirSync(output, { recursive: true })
    .map((file) => path.join(output, file))
    .filter((file) => file.endsWith('.template.json'));
  const commands = [
    [tool('cfn-lint'), ...templates],
    [
      tool('checkov'),
      '--config-file',
      path.join(ROOT, '.checkov.yaml'),
      ...templates.flatMap((file) => ['--file', file]),
    ],
  ];
  const failed = commands.filter(
    ([command, ...parameters]) => spawnSync(command, parameters, { cwd: ROOT, stdio: 'inherit' }).status !== 0,
  );
  if (failed.length === 0) {
    console.log(`cfn-lint and checkov find nothing in ${templates.length} templates`);
  }
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  rmSync(output, { recursive: true, force: true });
}

function synthesize(app, directory, context = {}) {
  execFileSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'),
      '--tsconfig',
      path.join(ROOT, 'tsconfig.dev.json'),
      app,
    ],
    { stdio: 'inherit', env: { ...process.env, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) } },
  );
}
