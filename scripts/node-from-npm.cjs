// Installs a Node.js that Lambda runs as it comes from npm, and returns the path of its program. AWS chooses the minor
// version; the newest at the time of writing stands for it.
'use strict';

const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const VERSIONS = { 22: '22.23.3', 24: '24.21.0' };

function nodeFromNpm(major) {
  const version = VERSIONS[major];
  if (version === undefined) {
    throw new Error(`The version must be one of ${Object.keys(VERSIONS).join(', ')}; received "${major ?? ''}"`);
  }
  const name = `node-${process.platform}-${process.arch}`;
  const directory = path.join(tmpdir(), `${name}-${version}`);
  const node = path.join(directory, 'node_modules', name, 'bin', 'node');
  if (!existsSync(node)) {
    execFileSync('npm', ['install', '--silent', '--prefix', directory, `${name}@${version}`], { stdio: 'inherit' });
  }
  return node;
}

module.exports = { nodeFromNpm };
