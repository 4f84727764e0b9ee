import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Certificate } from 'local-cloud';

interface Trusted {
  readonly certificate: Certificate;
  /** File with the authority that signed it: `NODE_EXTRA_CA_CERTS` of whoever is to trust it. */
  readonly authority: string;
}

let made: Trusted | undefined;

/** A certificate of 127.0.0.1 from an authority of our own. RSA and two of them in the chain, as AWS's and Amazon's are. */
export function certificateOfLoopback(): Trusted {
  if (made === undefined) {
    const directory = mkdtempSync(path.join(tmpdir(), 'bench-certificate-'));
    process.once('exit', () => {
      rmSync(directory, { recursive: true, force: true });
    });
    made = make(directory);
  }
  return made;
}

function make(directory: string): Trusted {
  const file = (name: string): string => path.join(directory, `${name}.pem`);
  const openssl = (...parameters: string[]): void => {
    execFileSync('openssl', parameters, { stdio: 'ignore' });
  };
  const request = (name: string): string[] => ['-newkey', 'rsa:2048', '-nodes', '-keyout', file(`${name}-key`)];
  openssl(
    'req',
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=bench authority',
    ...request('authority'),
    '-out',
    file('authority'),
  );
  openssl(
    ...['req', '-x509', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-CA', file('authority'), '-CAkey', file('authority-key'), ...request('server'), '-out', file('server')],
  );
  return {
    certificate: { cert: readFileSync(file('server'), 'utf8'), key: readFileSync(file('server-key'), 'utf8') },
    authority: file('authority'),
  };
}
