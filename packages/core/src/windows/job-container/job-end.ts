import { isSilostatError, SilostatError } from '../../errors.ts';
import { deliver } from '../completion-port.ts';
import type { JobObject } from '../job-object.ts';
import { askToClose } from './ask-to-close.ts';
import { killedCode } from './job-object-process.ts';

/** While somebody waits, what the job tells is fetched so often: a call that takes about a microsecond. */
const fetchMs = 10;
/** The look that backs the job's messages, which Windows does not promise to deliver, and which end when it is closed. */
const lookMs = 1000;
const killMs = 10_000;

/** Resolves when no process is left in the job, or it has been closed; or when nobody waits any longer. */
export async function waitUntilEmpty(job: JobObject, abandon?: AbortSignal): Promise<void> {
  while (abandon?.aborted !== true && !isEmpty(job)) await change(job, abandon);
}

/**
 * Ends all processes of a job, and waits until they have ended.
 * @throws SilostatError ERR_TIMEOUT after 10 s: then Windows cannot end one now (a driver holds it).
 */
export async function endAll(job: JobObject, id: string): Promise<void> {
  if (isEmpty(job)) return;
  job.terminate(killedCode);
  if (await isEmptyWithin(job, killMs)) return;
  throw new SilostatError('ERR_TIMEOUT', {
    subject: id,
    operation: 'end job container',
    reason: `${job.processCounts().active} processes have not ended ${killMs / 1000} s after they were terminated`,
  });
}

/**
 * Asks all processes to end, and ends at the deadline what still runs.
 * @returns true when all ended by themselves
 */
export async function shutDown(job: JobObject, deadlineMs: number, endRest: () => Promise<void>): Promise<boolean> {
  askToClose(job);
  if (await isEmptyWithin(job, deadlineMs)) return true;
  await endRest();
  return false;
}

async function isEmptyWithin(job: JobObject, milliseconds: number): Promise<boolean> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), milliseconds);
  try {
    await waitUntilEmpty(job, deadline.signal);
  } finally {
    clearTimeout(timer);
  }
  return !deadline.signal.aborted;
}

/** The job's message that it is empty, the time for a look, or that nobody waits any longer. */
function change(job: JobObject, abandon: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const notifications = job.notifications();
    const done = () => {
      clearInterval(fetching);
      clearTimeout(look);
      notifications.off('empty', done);
      abandon?.removeEventListener('abort', done);
      resolve();
    };
    const fetching = setInterval(deliver, fetchMs);
    const look = setTimeout(done, lookMs);
    notifications.on('empty', done);
    abandon?.addEventListener('abort', done);
  });
}

function isEmpty(job: JobObject): boolean {
  try {
    return job.processCounts().active === 0;
  } catch (error) {
    if (isSilostatError(error) && error.code === 'ERR_CLOSED') return true;
    throw error;
  }
}
