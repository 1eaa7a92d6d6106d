import { ComputeSystem } from '../../compute-system.ts';
import type { CgroupsSeen } from '../cgroup/cgroup.ts';
import { isRead, openCgroupJobAccess } from '../cgroup/cgroup.ts';
import type { Hierarchies } from '../mounts.ts';
import { inOrder } from '../mounts.ts';
import { claimOf } from './claims.ts';
import type { FoundCgroup } from './discovery.ts';
import type { Records } from './engines/records.ts';
import type { RuntimeState } from './engines/runtime-state.ts';
import { cgroupPathOf, namesOf, systemTypes } from './summary.ts';

/** What a container is looked up in. */
interface Sources {
  readonly hierarchies: Hierarchies;
  readonly records: Records;
}

/** @param seen of a container that is followed: what was seen of it */
export function openContainer(
  cgroup: FoundCgroup,
  { hierarchies, records }: Sources,
  seen?: CgroupsSeen,
): ComputeSystem {
  const facts = records.factsOf(cgroup);
  const state = records.stateOf(cgroup);
  const enginePaths = pathsByController(cgroup, state);
  return new ComputeSystem({
    identity: {
      Id: cgroup.id,
      SystemType: systemTypes[cgroup.role],
      RuntimeOsType: 'Linux',
      Owner: facts.owner,
    },
    names: namesOf(cgroup, facts),
    jobs: openCgroupJobAccess({
      hierarchies,
      path: cgroupPathOf(cgroup),
      ...(enginePaths === undefined ? {} : { enginePaths }),
      ...(isWrittenDown(cgroup, state, hierarchies) ? { isWrittenDown: true } : {}),
      ...(seen === undefined ? {} : { seen }),
    }),
    ...(facts.startTime === undefined ? {} : { startTime: facts.startTime }),
  });
}

/**
 * Where each controller's cgroup is, as root's runtime wrote it down, else as we saw it; undefined where that is the same path
 * everywhere, as mostly it is, and where a cgroup is looked for anyway.
 */
function pathsByController(
  cgroup: FoundCgroup,
  state: RuntimeState | undefined,
): ReadonlyMap<string, string> | undefined {
  const paths = new Map<string, string>();
  for (const [{ version, controllers }, path] of cgroup.paths) {
    for (const controller of version === 2 ? [''] : controllers) paths.set(controller, path);
  }
  // What a user wrote is not followed to other cgroups.
  if (state?.uid === 0) for (const [controller, path] of state.cgroupPaths) paths.set(controller, path);
  const own = cgroupPathOf(cgroup);
  for (const [controller, path] of paths) if (path === own) paths.delete(controller);
  return paths.size === 0 ? undefined : paths;
}

/** True where root's runtime says where all its cgroups are that figures are read of, and that this is one of them. */
function isWrittenDown({ paths }: FoundCgroup, state: RuntimeState | undefined, hierarchies: Hierarchies): boolean {
  const [seen] = paths;
  if (state?.uid !== 0 || seen === undefined) return false;
  const [hierarchy, path] = seen;
  if (claimOf(state, hierarchy) !== path) return false;
  return inOrder(hierarchies).every((each) => !isRead(each) || claimOf(state, each) !== undefined);
}
