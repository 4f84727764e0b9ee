import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Confinement } from 'local-cloud';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEBIBYTES_OF_ONE_PROCESSOR = 1_769;

/** Microseconds: how often the kernel counts anew. AWS does not document its own; over a whole run it makes no difference. */
const PERIOD = 20_000;

/** Where the two versions of Linux's control groups have what is needed here. */
const VERSIONS = [
  {
    folders: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpuacct'],
    files: (quota: number) => ({ 'cpu.cfs_period_us': String(PERIOD), 'cpu.cfs_quota_us': String(quota) }),
  },
  { folders: ['/sys/fs/cgroup'], files: (quota: number) => ({ 'cpu.max': `${quota} ${PERIOD}` }) },
] as const;

let number = 0;

/**
 * Holds a process to the share of a processor that Lambda gives a function of its memory size: all it can get until it is
 * initialized, and then so many microseconds in each period.
 */
export class ProcessorShare implements Confinement {
  /** Whether this machine lets us. Where it does not, times are those of whole processors. */
  static readonly isAvailable = versionThatWorks() !== undefined;

  static of(processId: number, memorySize: number): ProcessorShare | undefined {
    const version = versionThatWorks();
    return version && new ProcessorShare(version, processId, memorySize);
  }

  private readonly groups: readonly string[];

  private constructor(
    private readonly version: (typeof VERSIONS)[number],
    processId: number,
    private readonly memorySize: number,
  ) {
    this.groups = makeGroups(version);
    for (const group of this.groups) {
      writeFileSync(path.join(group, 'cgroup.procs'), String(processId));
    }
  }

  begin(): void {
    const quota = Math.round((PERIOD * this.memorySize) / MEBIBYTES_OF_ONE_PROCESSOR);
    for (const [file, content] of Object.entries(this.version.files(quota))) {
      writeFileSync(path.join(this.groups[0] ?? '', file), content);
    }
  }

  /** Milliseconds of processor time so far. */
  get processorTime(): number {
    const [group = '', accounting = group] = this.groups;
    return this.version === VERSIONS[0]
      ? Number(readFileSync(path.join(accounting, 'cpuacct.usage'), 'utf8')) / 1e6
      : Number(/^usage_usec (\d+)$/m.exec(readFileSync(path.join(group, 'cpu.stat'), 'utf8'))?.[1]) / 1e3;
  }

  end(): void {
    this.groups.forEach(remove);
  }
}

function makeGroups({ folders }: (typeof VERSIONS)[number]): string[] {
  number += 1;
  const groups = folders.map((folder) => path.join(folder, `bench-${process.pid}-${number}`));
  for (const group of groups) {
    mkdirSync(group);
  }
  return groups;
}

function versionThatWorks(): (typeof VERSIONS)[number] | undefined {
  return VERSIONS.find((version) => {
    try {
      const [group = '', ...others] = makeGroups(version);
      try {
        for (const [file, content] of Object.entries(version.files(PERIOD))) {
          writeFileSync(path.join(group, file), content);
        }
        return true;
      } finally {
        [group, ...others].forEach(remove);
      }
    } catch {
      return false;
    }
  });
}

/** The kernel may take a moment longer to forget a process than its parent does. */
function remove(group: string): void {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      rmdirSync(group);
      return;
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
