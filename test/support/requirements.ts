import { accessSync, constants, readFileSync } from 'node:fs';

/** What a live test cannot do without. */
export interface Requirements {
  /** Programs on the PATH. */
  tools?: readonly string[];
  /** The cgroup version that keeps the memory of this host's containers. */
  cgroup?: 1 | 2;
}

/** Why the live tests cannot run here, in one line: goes into `{ skip }`. False when they can. */
export function skipReason({ tools = [], cgroup }: Requirements = {}): string | false {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, to make containers and cgroups';
  const missing = tools.filter((tool) => !isOnPath(tool));
  if (missing.length > 0) return `needs ${missing.join(', ')} (npm test installs what is missing)`;
  if (cgroup !== undefined && cgroup !== memoryVersion()) return `needs memory in cgroup v${cgroup}`;
  return false;
}

function memoryVersion(): 1 | 2 {
  const hasV1Memory = /^[^\n]* - cgroup [^\n]*\bmemory\b/m.test(readFileSync('/proc/self/mountinfo', 'utf8'));
  return hasV1Memory ? 1 : 2;
}

function isOnPath(tool: string): boolean {
  const { PATH = '/usr/sbin:/usr/bin:/sbin:/bin' } = process.env;
  return PATH.split(':').some((folder) => {
    try {
      accessSync(`${folder}/${tool}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
