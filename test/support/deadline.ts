import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `holds` says so. @throws when it has not by the deadline. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(20);
  }
}
