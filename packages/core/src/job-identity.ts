import type { JobIdentity } from './job.ts';

/** True when both marks of one kind are known, and differ: a job was made anew under the same name. */
export function isAnotherJob(before: JobIdentity | undefined, now: JobIdentity | undefined): boolean {
  if (before === now) return false;
  return differs(before?.object, now?.object) || differs(before?.birth, now?.birth);
}

/** What is not known on both sides tells nothing. */
function differs(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}
