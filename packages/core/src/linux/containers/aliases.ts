import { isSilostatError } from '../../errors.ts';
import { readPids } from '../cgroup/pids.ts';
import type { Hierarchies } from '../mounts.ts';
import { nameOf } from '../mounts.ts';
import type { FoundCgroup } from './discovery.ts';

/**
 * Without the leaf cgroups that only are another's second path. On v1 each controller has a tree of its own, and
 * a container or unit may be at one path in one of them and at another path in the next: what its processes name first counts.
 */
export function withoutAliases(found: readonly FoundCgroup[], hierarchies: Hierarchies): FoundCgroup[] {
  if (!found.some(({ role }) => role === 'cgroup')) return [...found];
  const known = new Set(found.flatMap((cgroup) => [...cgroup.paths.values()]));
  return found.filter((cgroup) => {
    if (cgroup.role !== 'cgroup') return true;
    const path = pathOfMember(cgroup, hierarchies);
    return path === undefined || path === cgroup.id || !liesInKnown(path, known, cgroup.id);
  });
}

/** The first path below the root, v2's first, that one of its processes is in. */
function pathOfMember(cgroup: FoundCgroup, hierarchies: Hierarchies): string | undefined {
  const order = hierarchies.v2 === undefined ? hierarchies.v1 : [hierarchies.v2, ...hierarchies.v1];
  try {
    for (const [hierarchy, path] of cgroup.paths) {
      const [pid] = readPids(hierarchy, path).pids;
      if (pid === undefined) continue;
      const cgroups = hierarchies.proc.cgroupsOf(pid);
      return order.map((each) => cgroups.get(nameOf(each))).find((its) => its !== undefined && its !== '/');
    }
  } catch (error) {
    // It has ended, or is not for us to ask.
    if (!isSilostatError(error)) throw error;
  }
  return undefined;
}

/** True for a path of a known cgroup other than `own`, and for one below it. */
function liesInKnown(path: string, known: ReadonlySet<string>, own: string): boolean {
  for (let above = path; above !== ''; above = above.slice(0, above.lastIndexOf('/'))) {
    if (above !== own && known.has(above)) return true;
  }
  return false;
}
