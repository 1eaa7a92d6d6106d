import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where and when the figures were taken. */
export interface Facts {
  readonly date: string;
  readonly system: string;
  readonly processor: string;
  readonly memory: string;
  readonly node: string;
  readonly commit: string;
  /** How busy the machine was with other things when it began. */
  readonly load: string;
}

export function machineFacts(): Facts {
  const all = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    system: `${type()} ${release()} ${arch()}`,
    processor: `${all.length} x ${all[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    commit: commit(),
    load: loadavg()[0]?.toFixed(2) ?? '',
  };
}

function commit(): string {
  try {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
    return (
      git('rev-parse', '--short=10', 'HEAD') + (git('status', '--porcelain', 'packages') === '' ? '' : ' and changes')
    );
  } catch {
    return 'unknown';
  }
}
