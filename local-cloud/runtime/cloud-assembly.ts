import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Template } from './template';

/** One synthesized stack, with the directories that its assets were staged in. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly template: Template;
  /** Object key in the asset bucket → absolute path of what would be uploaded there. */
  readonly assets: ReadonlyMap<string, string>;
}

interface Artifact {
  readonly type: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string; readonly file?: string };
  readonly dependencies?: readonly string[];
}

interface AssemblyManifest {
  readonly artifacts: Readonly<Record<string, Artifact>>;
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

/** Reads a stack out of a cloud assembly (`cdk.out`). `stackName` may be left out where there is only one. */
export function readCloudAssembly(directory: string, stackName?: string): AssemblyStack {
  const { artifacts } = readJson(path.join(directory, 'manifest.json')) as AssemblyManifest;
  const [id, { properties, dependencies = [] }] = stackIn(artifacts, directory, stackName);
  if (properties?.templateFile === undefined) {
    throw new Error(`the stack ${id} in ${directory} has no template`);
  }
  const assets = new Map<string, string>();
  for (const dependency of dependencies) {
    const artifact = artifacts[dependency];
    if (artifact?.type === 'cdk:asset-manifest' && artifact.properties?.file !== undefined) {
      addAssets(assets, directory, artifact.properties.file);
    }
  }
  return {
    stackName: properties.stackName ?? id,
    template: readJson(path.join(directory, properties.templateFile)) as Template,
    assets,
  };
}

function stackIn(
  artifacts: AssemblyManifest['artifacts'],
  directory: string,
  stackName: string | undefined,
): [id: string, artifact: Artifact] {
  const stacks = Object.entries(artifacts).filter(
    ([id, { type, properties }]) =>
      type === 'aws:cloudformation:stack' &&
      (stackName === undefined || stackName === id || stackName === properties?.stackName),
  );
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    const found = stacks.map(([id]) => id).join(', ') || 'none';
    throw new Error(
      `expected one stack${stackName === undefined ? '' : ` ${stackName}`} in ${directory}, found: ${found}`,
    );
  }
  return stack;
}

function addAssets(assets: Map<string, string>, directory: string, file: string): void {
  const { files = {} } = readJson(path.join(directory, file)) as AssetManifest;
  for (const { source, destinations } of Object.values(files)) {
    for (const { objectKey } of Object.values(destinations)) {
      if (source.path !== undefined) {
        assets.set(objectKey, path.resolve(directory, source.path));
      }
    }
  }
}

function readJson(file: string): unknown {
  if (!existsSync(file)) {
    throw new Error(`${file} does not exist`);
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}
