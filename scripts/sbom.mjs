// What is in the bundles, for those who look for a vulnerable package there: a software bill of materials (SBOM) as
// CycloneDX 1.6. Without a date or a serial number, so that one input gives one file.
import { bundledPackages } from './bundled-packages.mjs';

/** `lock`: package-lock.json, which knows the hash of each package. */
export function sbom({ manifest, metafiles, lock }) {
  const components = [...bundledPackages(metafiles).values()].map(({ name, version, licence, directory, bundles }) => ({
    ...component({ name, version, licence }),
    externalReferences: [
      {
        type: 'distribution',
        url: `https://registry.npmjs.org/${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`,
        hashes: hashes(lock.packages[directory].integrity),
      },
    ],
    evidence: { occurrences: [...bundles].map((location) => ({ location })) },
  }));
  const subject = component({ ...manifest, licence: manifest.license });
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: subject },
    components,
    dependencies: [{ ref: subject['bom-ref'], dependsOn: components.map((inlined) => inlined['bom-ref']) }],
  };
}

function component({ name, version, licence }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', 'bom-ref': purl, name, version, licenses: [{ license: { id: licence } }], purl };
}

function hashes(integrity) {
  const [algorithm, digest] = integrity.split('-');
  return [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }];
}
