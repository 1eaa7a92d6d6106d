import type { EngineFacts } from '../../engines/facts.ts';
import { isSilostatError } from '../../errors.ts';
import type { ComputeSystemSummary } from '../../schema/summary.ts';
import { readPids } from '../cgroup/pids.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { directoryOf } from '../mounts.ts';
import { readWhole, scratchBytes } from '../read.ts';
import { whyAbsent } from './absent.ts';
import type { CgroupRole, FoundCgroup } from './discovery.ts';
import type { Records } from './engines/records.ts';
import { noRecords } from './engines/records.ts';

/** What people call each role; only containers and jobs are listed without `all`. */
export const systemTypes: Readonly<Record<CgroupRole, string>> = Object.freeze({
  container: 'Container',
  job: 'Container',
  unit: 'Service',
  cgroup: 'Cgroup',
});

/** The names of a container: its engine's, the runtime's id where that is another, a unit's own. */
export function namesOf(cgroup: FoundCgroup, facts: EngineFacts): string[] {
  const names = [...(facts.names ?? [])];
  if (cgroup.role === 'unit') names.push(cgroup.id.slice(cgroup.id.lastIndexOf('/') + 1));
  const runtimeId = cgroup.state?.id;
  if (runtimeId !== undefined && runtimeId !== cgroup.id && !names.includes(runtimeId)) names.push(runtimeId);
  return names;
}

/** The path that names a cgroup: v2's where it is there. */
export function cgroupPathOf(cgroup: FoundCgroup): string {
  const [path = cgroup.id] = cgroup.paths.values();
  return path;
}

/** One line of a list; undefined when the cgroup has vanished meanwhile. */
export function summarize(
  cgroup: FoundCgroup,
  records: Records,
  hierarchies: Hierarchies,
): ComputeSystemSummary | undefined {
  const processes = countProcesses(cgroup);
  return processes === 'gone' ? undefined : describe(cgroup, processes, records, hierarchies);
}

/** The same of one that is known to have been there, though it may have vanished meanwhile. */
export function summaryOf(cgroup: FoundCgroup, records: Records, hierarchies: Hierarchies): ComputeSystemSummary {
  const processes = records === noRecords ? 'gone' : countProcesses(cgroup);
  return describe(cgroup, processes, records, hierarchies);
}

function describe(
  cgroup: FoundCgroup,
  processes: number | 'gone' | 'unknown',
  records: Records,
  hierarchies: Hierarchies,
): ComputeSystemSummary {
  const facts = records.factsOf(cgroup);
  const absent = cgroup.role === 'container' ? whyAbsent(facts.owner, facts) : undefined;
  const pod = { ...(cgroup.podUid === undefined ? {} : { Uid: cgroup.podUid }), ...facts.pod };
  return {
    Id: cgroup.id,
    Names: namesOf(cgroup, facts),
    SystemType: systemTypes[cgroup.role],
    RuntimeOsType: 'Linux',
    Owner: facts.owner,
    State: stateOf(cgroup, processes, hierarchies),
    ...(facts.image === undefined ? {} : { Image: facts.image }),
    ...(Object.keys(pod).length === 0 ? {} : { Pod: pod }),
    ...(facts.labels === undefined ? {} : { Labels: { ...facts.labels } }),
    ...(absent === undefined ? {} : { Absent: absent }),
    ...(typeof processes === 'string' ? {} : { ProcessCount: processes }),
    ...(facts.startTime === undefined ? {} : { StartTime: facts.startTime.text }),
    CgroupPath: cgroupPathOf(cgroup),
  };
}

/** Living processes of a cgroup and its descendants, in the first of its hierarchies that has any. */
function countProcesses(cgroup: FoundCgroup): number | 'gone' | 'unknown' {
  let answer: number | 'gone' | 'unknown' = 'gone';
  for (const [hierarchy, path] of cgroup.paths) {
    try {
      const { pids, hidden } = readPids(hierarchy, path);
      answer = pids.length + hidden;
    } catch (error) {
      if (!isSilostatError(error)) throw error;
      if (answer === 'gone' && error.code !== 'ERR_NOT_FOUND') answer = 'unknown';
    }
    if (typeof answer === 'number' && answer > 0) break;
  }
  return answer;
}

function stateOf(cgroup: FoundCgroup, processes: number | 'gone' | 'unknown', hierarchies: Hierarchies): string {
  if (processes === 'unknown') return 'Unknown';
  if (processes === 0 || processes === 'gone') return 'Stopped';
  return isFrozen(cgroup, hierarchies) ? 'Paused' : 'Running';
}

function isFrozen(cgroup: FoundCgroup, { byController, v2 }: Hierarchies): boolean {
  const inV1 = textIn(cgroup, byController.get('freezer'), 'freezer.state');
  return inV1?.startsWith('FROZEN') === true || /^frozen 1$/m.test(textIn(cgroup, v2, 'cgroup.events') ?? '');
}

function textIn(cgroup: FoundCgroup, hierarchy: Hierarchy | undefined, file: string): string | undefined {
  const path = hierarchy && cgroup.paths.get(hierarchy);
  const directory = hierarchy && path && directoryOf(hierarchy, path);
  if (directory === undefined || directory === '') return undefined;
  try {
    const length = readWhole(`${directory}/${file}`);
    return Buffer.from(scratchBytes().subarray(0, length)).toString('latin1');
  } catch {
    // Gone, or a kernel without it: not known to be frozen.
    return undefined;
  }
}
