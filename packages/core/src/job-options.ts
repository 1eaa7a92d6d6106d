import { randomBytes } from 'node:crypto';
import { SilostatError } from './errors.ts';
import type { JobContainerOptions, JobLimits } from './job-container.ts';

const idShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const leastMemoryBytes = 1024 * 1024;
const leastCpus = 0.01;
const mostCpus = 100_000;

/** The options of a job container, checked: nothing is made for wrong ones. */
export interface CheckedJobOptions {
  readonly id: string;
  readonly limits: JobLimits;
  readonly childSubreaper: boolean;
  readonly countProcesses: boolean;
}

/** @throws SilostatError ERR_INVALID_ARGUMENT */
export function checkedJobOptions(options: JobContainerOptions): CheckedJobOptions {
  const { id = randomBytes(6).toString('hex'), limits = {}, childSubreaper = false, countProcesses = false } = options;
  if (typeof id !== 'string' || !idShape.test(id)) {
    throw invalid(id, 'an id has 1 to 128 letters, digits and _ . - and begins with a letter or digit');
  }
  const { memoryBytes, cpus, pids } = limits;
  if (memoryBytes !== undefined && !(Number.isSafeInteger(memoryBytes) && memoryBytes >= leastMemoryBytes)) {
    throw invalid(memoryBytes, `a memory limit is a whole number of bytes, ${leastMemoryBytes} at least`);
  }
  if (cpus !== undefined && !(typeof cpus === 'number' && cpus >= leastCpus && cpus <= mostCpus)) {
    throw invalid(cpus, `a processor limit is a number from ${leastCpus} to ${mostCpus}`);
  }
  if (pids !== undefined && !(Number.isSafeInteger(pids) && pids >= 1 && pids <= 0x7fffffff)) {
    throw invalid(pids, 'a limit of processes is a whole number, 1 at least');
  }
  return { id, limits, childSubreaper, countProcesses };
}

function invalid(subject: unknown, reason: string): SilostatError {
  return new SilostatError('ERR_INVALID_ARGUMENT', {
    subject: String(subject).slice(0, 200),
    operation: 'create job container',
    reason,
  });
}
