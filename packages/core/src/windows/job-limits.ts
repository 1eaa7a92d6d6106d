import { SilostatError } from '../errors.ts';
import type { Reading } from '../job.ts';
import type { Sources } from '../report.ts';
import { reasonOf } from '../report.ts';
import type { Limits } from '../schema/own.ts';
import {
  JOB_OBJECT_CPU_RATE_CONTROL_ENABLE,
  JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP,
  JOB_OBJECT_CPU_RATE_CONTROL_MIN_MAX_RATE,
  JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
  JOB_OBJECT_LIMIT_JOB_MEMORY,
  JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
  JOBOBJECT_BASIC_LIMIT_INFORMATION,
  JOBOBJECT_CPU_RATE_CONTROL_INFORMATION,
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
  JobObjectCpuRateControlInformation,
  JobObjectExtendedLimitInformation,
} from './abi/job-object.ts';
import { setJob } from './call/job.ts';
import { allocateOnce } from './call/memory.ts';
import { succeeded } from './call/nt-status.ts';
import { activeProcessorCount } from './call/process.ts';
import { uint64 } from './counter.ts';
import { ntError, win32Error } from './errors.ts';
import type { OpenJob } from './open-job.ts';
import { queryOrThrow } from './open-job.ts';

/** What to change; a member that is left out stays as it is, null takes the limit away. */
export interface JobLimits {
  /** Most that the job may commit, in bytes. */
  memoryBytes?: number | null;
  /** Processor time per time, in processors: 0.5 is half of one. */
  processors?: number | null;
  /** Most processes at a time. */
  processCount?: number | null;
  /** Ends all processes when the last handle to the job is closed. */
  killOnClose?: boolean;
}

const extended = allocateOnce(JOBOBJECT_EXTENDED_LIMIT_INFORMATION.size);
const cpuRate = allocateOnce(JOBOBJECT_CPU_RATE_CONTROL_INFORMATION.size);
/** CpuRate is in 1/100 percent of all processors. */
const wholeHost = 10_000;
const uint32Max = 0xffffffff;
const hardCap = JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP;

const limitFlags =
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION.BasicLimitInformation + JOBOBJECT_BASIC_LIMIT_INFORMATION.LimitFlags;
const processLimit =
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION.BasicLimitInformation + JOBOBJECT_BASIC_LIMIT_INFORMATION.ActiveProcessLimit;
const memoryLimit = JOBOBJECT_EXTENDED_LIMIT_INFORMATION.JobMemoryLimit;

const sources: Sources = Object.freeze({
  MemoryBytes: 'job class 9: JobMemoryLimit',
  ProcessCount: 'job class 9: ActiveProcessLimit',
  Processors: 'job class 15: CpuRate of all processors',
});

/**
 * The limits set on this job itself; those of a job that it is nested in are not visible from it.
 * @throws SilostatError where class 9 cannot be read; a missing class 15 leaves only Processors out
 */
export function readLimits(job: OpenJob): Reading<Limits> {
  queryOrThrow(job, JobObjectExtendedLimitInformation, extended(), 'read limits of job');
  const values = parseExtendedLimits(extended().view);
  try {
    queryOrThrow(job, JobObjectCpuRateControlInformation, cpuRate(), 'read processor limit of job');
    values.Processors = parseCpuRate(cpuRate().view, hostProcessors());
  } catch (error) {
    return { values, sources, absent: { Processors: reasonOf(error) } };
  }
  return { values, sources };
}

export function parseExtendedLimits(view: DataView): Limits {
  const flags = view.getUint32(limitFlags, true);
  return {
    MemoryBytes: (flags & JOB_OBJECT_LIMIT_JOB_MEMORY) === 0 ? null : uint64(view, memoryLimit),
    ProcessCount: (flags & JOB_OBJECT_LIMIT_ACTIVE_PROCESS) === 0 ? null : view.getUint32(processLimit, true),
  };
}

/** The hard limit in processors; a weight, or a rate that may be exceeded when others are idle, is no limit. */
export function parseCpuRate(view: DataView, processors: number): number | null {
  const { ControlFlags, CpuRate, MaxRate } = JOBOBJECT_CPU_RATE_CONTROL_INFORMATION;
  const flags = view.getUint32(ControlFlags, true);
  if ((flags & JOB_OBJECT_CPU_RATE_CONTROL_ENABLE) === 0) return null;
  if ((flags & JOB_OBJECT_CPU_RATE_CONTROL_MIN_MAX_RATE) !== 0) {
    return (view.getUint16(MaxRate, true) * processors) / wholeHost;
  }
  if ((flags & JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP) === 0) return null;
  return (view.getUint32(CpuRate, true) * processors) / wholeHost;
}

/**
 * Changes limits; those that are not named keep their values.
 * @throws SilostatError ERR_INVALID_ARGUMENT before anything is changed
 */
export function setLimits(job: OpenJob, limits: JobLimits): void {
  const processors = hostProcessors();
  checkLimits(job.name, limits, processors);
  if (limits.memoryBytes !== undefined || limits.processCount !== undefined || limits.killOnClose !== undefined) {
    queryOrThrow(job, JobObjectExtendedLimitInformation, extended(), 'read limits of job');
    writeExtendedLimits(extended().view, limits);
    setOrThrow(
      job,
      JobObjectExtendedLimitInformation,
      setJob(job.handle, JobObjectExtendedLimitInformation, extended()),
    );
  }
  if (limits.processors !== undefined) setCpuRate(job, limits.processors, processors);
}

export function checkLimits(subject: string, limits: JobLimits, processors: number): void {
  const { memoryBytes = null, processCount = null, processors: wanted = null } = limits;
  if (memoryBytes !== null && !(Number.isSafeInteger(memoryBytes) && memoryBytes > 0)) {
    throw invalid(subject, `a memory limit is a whole number of bytes above 0, not ${memoryBytes}`);
  }
  if (processCount !== null && !(Number.isInteger(processCount) && processCount > 0 && processCount <= uint32Max)) {
    throw invalid(subject, `a process limit is a whole number from 1 to ${uint32Max}, not ${processCount}`);
  }
  if (wanted !== null && !(wanted > 0 && wanted <= processors)) {
    throw invalid(
      subject,
      `a processor limit is above 0 and at most ${processors}, which this host has, not ${wanted}`,
    );
  }
}

/** Writes what `limits` names into a JOBOBJECT_EXTENDED_LIMIT_INFORMATION, and leaves the rest of it alone. */
export function writeExtendedLimits(view: DataView, limits: JobLimits): void {
  let flags = view.getUint32(limitFlags, true);
  const flag = (bit: number, on: boolean) => {
    flags = on ? flags | bit : flags & ~bit;
  };
  if (limits.memoryBytes !== undefined) {
    flag(JOB_OBJECT_LIMIT_JOB_MEMORY, limits.memoryBytes !== null);
    view.setBigUint64(memoryLimit, BigInt(limits.memoryBytes ?? 0), true);
  }
  if (limits.processCount !== undefined) {
    flag(JOB_OBJECT_LIMIT_ACTIVE_PROCESS, limits.processCount !== null);
    view.setUint32(processLimit, limits.processCount ?? 0, true);
  }
  if (limits.killOnClose !== undefined) flag(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, limits.killOnClose);
  view.setUint32(limitFlags, flags, true);
}

/** The whole structure is written anew: a weight and a rate at a time are refused. */
function setCpuRate(job: OpenJob, wanted: number | null, processors: number): void {
  const { view } = cpuRate();
  const { ControlFlags, CpuRate } = JOBOBJECT_CPU_RATE_CONTROL_INFORMATION;
  view.setUint32(ControlFlags, wanted === null ? 0 : hardCap, true);
  view.setUint32(CpuRate, wanted === null ? 0 : Math.max(1, Math.round((wanted * wholeHost) / processors)), true);
  setOrThrow(
    job,
    JobObjectCpuRateControlInformation,
    setJob(job.handle, JobObjectCpuRateControlInformation, cpuRate()),
  );
}

function setOrThrow(job: OpenJob, informationClass: number, status: number): void {
  if (succeeded(status)) return;
  throw ntError(`NtSetInformationJobObject class ${informationClass}`, status, {
    operation: 'set limits of job',
    subject: job.name,
  });
}

function hostProcessors(): number {
  const count = activeProcessorCount();
  if (typeof count === 'number') return count;
  throw win32Error(count, { operation: 'count', subject: 'processors' });
}

function invalid(subject: string, reason: string): SilostatError {
  return new SilostatError('ERR_INVALID_ARGUMENT', { subject, operation: 'set limits of job', reason });
}
