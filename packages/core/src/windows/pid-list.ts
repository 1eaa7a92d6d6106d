import { SilostatError } from '../errors.ts';
import { JOBOBJECT_BASIC_PROCESS_ID_LIST, JobObjectBasicProcessIdList } from './abi/job-object.ts';
import { STATUS_BUFFER_OVERFLOW, STATUS_MORE_ENTRIES } from './abi/status.ts';
import { queryJobList } from './call/job.ts';
import type { NativeMemory } from './call/memory.ts';
import { allocate } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import { ntError } from './errors.ts';
import type { OpenJob } from './open-job.ts';

const api = `NtQueryInformationJobObject class ${JobObjectBasicProcessIdList}`;
const operation = 'list processes of job';
const { NumberOfAssignedProcesses, NumberOfProcessIdsInList, ProcessIdList } = JOBOBJECT_BASIC_PROCESS_ID_LIST;
const fewest = 64;
/** No Windows has more processes; a list that claims more is wrong. */
const most = 1 << 22;
/** A job that outgrows its list so often in a row grows faster than it can be read. */
const mostAttempts = 12;

/** Kept between calls, and replaced by a larger one where a job needs it. */
let list: NativeMemory | undefined;

/**
 * The ids of the job's processes, those of nested jobs included. Read again with a larger buffer until they fit.
 * @throws SilostatError ERR_TIMEOUT where the job kept outgrowing the buffer
 */
export function readPids(job: OpenJob): number[] {
  list ??= allocate(listSize(fewest));
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const status = queryJobList(job.handle, JobObjectBasicProcessIdList, list);
    if (!isShort(status)) {
      if (succeeded(status)) return parsePids(list.view);
      throw ntError(api, status, { operation, subject: job.name });
    }
    list = allocate(listSize(roomFor(capacityOf(list), list.view.getUint32(NumberOfAssignedProcesses, true))));
  }
  const reason = `it grew ${mostAttempts} times while it was read`;
  throw new SilostatError('ERR_TIMEOUT', { operation, subject: job.name, reason });
}

/** The ids in a JOBOBJECT_BASIC_PROCESS_ID_LIST; fewer than are assigned is right while some are exiting. */
export function parsePids(view: DataView): number[] {
  const count = view.getUint32(NumberOfProcessIdsInList, true);
  if (ProcessIdList + 8 * count > view.byteLength) {
    const reason = `${count} process ids do not fit in ${view.byteLength} bytes`;
    throw new SilostatError('ERR_PARSE', { operation, subject: api, reason });
  }
  const pids: number[] = [];
  for (let i = 0; i < count; i++) pids.push(view.getUint32(ProcessIdList + 8 * i, true));
  return pids;
}

/** Slots for the next attempt: twice as many, or what Windows says is needed and a quarter for those still to come. */
export function roomFor(slots: number, assigned: number): number {
  return Math.min(most, Math.max(2 * slots, assigned + (assigned >> 2)));
}

/** Windows warns of a list that did not fit; Wine is content, and says so with an informational status. */
function isShort(status: number): boolean {
  return status === STATUS_BUFFER_OVERFLOW || status === STATUS_MORE_ENTRIES;
}

function listSize(slots: number): number {
  return ProcessIdList + 8 * slots;
}

function capacityOf(memory: NativeMemory): number {
  return (memory.size - ProcessIdList) / 8;
}
