import { release } from 'node:os';
import type { Capability, CapabilityName, Diagnosis } from '../diagnosis.ts';
import type { Reading } from '../job.ts';
import { reasonOf } from '../report.ts';
import { PROCESS_QUERY_LIMITED_INFORMATION, ProcessCommandLineInformation } from './abi/process.ts';
import { closeHandle } from './call/handle.ts';
import { openProcess } from './call/process.ts';
import { hostComputeService } from './hcs/compute-service.ts';
import { JobObject } from './job-object.ts';
import { findNamedJobs } from './named-jobs.ts';
import { hasVmCountersEx2 } from './private-working-set.ts';
import { readProcessText } from './process-text.ts';

/** How long HCS may take to say that it is there. */
const serviceTimeoutMs = 3000;

/** Looks at what there is; the only thing that is made for it is a job object without a name, which goes again at once. */
export async function diagnose(): Promise<Diagnosis> {
  const capabilities = [
    attempt('objects', () => `${findNamedJobs().length} found`),
    openable(),
    ...ofOwnJob(),
    hasVmCountersEx2()
      ? yes('private working set', 'VM_COUNTERS_EX2, for each process')
      : partly('private working set', 'no VM_COUNTERS_EX2 (Windows 10 1607): one pass over all processes of the host'),
    commandLines(),
    await service(),
  ];
  return { platform: 'win32', release: release(), capabilities };
}

function yes(name: CapabilityName, detail: string): Capability {
  return { name, state: 'yes', detail };
}

function partly(name: CapabilityName, detail: string): Capability {
  return { name, state: 'partly', detail };
}

/** `look` gives what was found, or throws why not. */
function attempt(name: CapabilityName, look: () => string): Capability {
  try {
    return yes(name, look());
  } catch (error) {
    return { name, state: 'no', detail: reasonOf(error).message };
  }
}

/** The silos of containers are open to SYSTEM alone. */
function openable(): Capability {
  const name = 'open';
  try {
    const refusals = findNamedJobs().flatMap(({ path }) => refusalOf(path) ?? []);
    const count = findNamedJobs().length;
    const [refusal] = refusals;
    if (count === 0) return { name, state: 'unknown', detail: 'there is no container to try it on' };
    if (refusal === undefined) return yes(name, `all ${count}`);
    if (refusals.length < count) return partly(name, `${count - refusals.length} of ${count}; ${refusal}`);
    return { name, state: 'no', detail: refusal };
  } catch (error) {
    return { name, state: 'no', detail: reasonOf(error).message };
  }
}

function refusalOf(path: string): string | undefined {
  try {
    JobObject.open(path).close();
    return undefined;
  } catch (error) {
    return reasonOf(error).message;
  }
}

/** What this Windows tells of a job, tried on one of our own. */
function ofOwnJob(): Capability[] {
  let job: JobObject;
  try {
    job = JobObject.create();
  } catch (error) {
    const detail = reasonOf(error).message;
    return (['memory', 'processor', 'storage', 'limits', 'jobs'] as const).map((name) => ({
      name,
      state: 'no',
      detail,
    }));
  }
  try {
    return [
      section('memory', 'job class 28', () => job.memory()),
      section('processor', 'job class 1', () => job.processor()),
      ofSome(
        section('storage', 'job class 42', () => job.storage()),
        'of jobs that HCS or silostat made',
      ),
      section('limits', 'job classes 9 and 15', () => job.limits()),
      yes('jobs', 'job objects can be made'),
    ];
  } finally {
    job.close();
  }
}

/** Jobs of others have it only where whoever made them asked for it. */
function ofSome(capability: Capability, which: string): Capability {
  return capability.state === 'yes' ? partly(capability.name, `${capability.detail}, ${which}`) : capability;
}

function section(name: CapabilityName, source: string, read: () => Reading<object>): Capability {
  return attempt(name, () => {
    const { values, absent = {} } = read();
    const [reason] = Object.values(absent);
    if (values === undefined || (reason !== undefined && Object.keys(values).length === 0)) {
      throw new Error(reason?.message ?? 'this Windows does not tell');
    }
    return source;
  });
}

/** Tried on ourselves. */
function commandLines(): Capability {
  const name = 'command lines';
  const own = openProcess(process.pid, PROCESS_QUERY_LIMITED_INFORMATION);
  if (typeof own !== 'number') return { name, state: 'unknown', detail: `${own.api}: ${own.error}` };
  try {
    const told = readProcessText(own, ProcessCommandLineInformation) !== undefined;
    return told ? yes(name, 'process class 60') : { name, state: 'no', detail: 'no process class 60 (Windows 8.1)' };
  } finally {
    closeHandle(own);
  }
}

async function service(): Promise<Capability> {
  try {
    const systems = await hostComputeService.list({}, { timeoutMs: serviceTimeoutMs });
    return yes('service', `HCS lists ${systems.length}`);
  } catch (error) {
    return { name: 'service', state: 'no', detail: reasonOf(error).message };
  }
}
