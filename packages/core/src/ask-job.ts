import { isGone } from './errors.ts';
import type { Job, ProcessReading } from './job.ts';
import type { KernelAnswer } from './kernel-answer.ts';
import { answerFromError, emptyAnswer } from './kernel-answer.ts';
import { readStatistics } from './read-statistics.ts';
import type { Reason } from './report.ts';

import type { PropertyType } from './schema/property-type.ts';
import { ownPropertyTypes } from './schema/property-type.ts';
import type { ContainerStart, Moment } from './start-time.ts';

/** The types that some job can answer. */
const kernelTypes: ReadonlySet<PropertyType> = new Set(['Statistics', 'ProcessList', ...ownPropertyTypes]);

export function isKernelType(type: PropertyType): boolean {
  return kernelTypes.has(type);
}

/**
 * Asks a job for one property type. A question that fails makes the type a leftover.
 * @throws what the job threw, when the job has gone.
 */
export function askJob(job: Job, type: PropertyType, at: Moment, start: ContainerStart): KernelAnswer {
  return type === 'Statistics' ? readStatistics(job, at, start) : readOther(job, type);
}

function readOther(job: Job, type: PropertyType): KernelAnswer {
  try {
    const reading = otherReading(job, type);
    return reading === undefined ? unanswered(`a ${job.kind} has no ${type}`) : answerFromReading(reading);
  } catch (error) {
    if (isGone(error)) throw error;
    return answerFromError(error);
  }
}

function otherReading(job: Job, type: PropertyType): ProcessReading<object> | undefined {
  switch (type) {
    case 'ProcessList':
      return job.processList();
    case 'Limits':
      return job.limits?.();
    case 'Faults':
      return job.faults?.();
    case 'Linux':
      return job.linux?.();
    case 'ProcessTree':
      return job.processTree?.();
    default:
      return undefined;
  }
}

/** A type without any value is a leftover, for the first reason that the job gave. */
function answerFromReading(reading: ProcessReading<object>): KernelAnswer {
  const [reason] = Object.values(reading.absent ?? {});
  const answer = reading.values === undefined ? unanswered('the kernel has no answer', reason) : emptyAnswer();
  answer.value = reading.values;
  answer.sources = reading.sources;
  if (reading.absent !== undefined) answer.absent = reading.absent;
  if (reading.processes !== undefined) answer.processes = reading.processes;
  return answer;
}

function unanswered(message: string, reason: Reason = { code: 'ERR_UNSUPPORTED', message }): KernelAnswer {
  return { ...emptyAnswer(), leftover: reason };
}
