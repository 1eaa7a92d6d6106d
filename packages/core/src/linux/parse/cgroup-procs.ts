import { Cursor } from './cursor.ts';

/** What is allowed at most for kernel.pid_max, on 64 bits: 2^22. */
const largestPid = 4_194_304;

/**
 * cgroup.procs: one pid a line, in no certain order, perhaps twice. Adds them to `pids`; returns how many of them were
 * 0: processes of other pid namespaces, which v2 lists without a number.
 * @throws SilostatError ERR_PARSE
 */
export function parseCgroupProcs(bytes: Uint8Array, length: number, file: string, pids: Set<number>): number {
  const cursor = new Cursor(bytes, length, file);
  let hidden = 0;
  while (!cursor.atEnd) {
    const pid = cursor.number();
    if (typeof pid !== 'number' || pid > largestPid) throw cursor.unexpected('a process id before this');
    cursor.endLine();
    if (pid === 0) hidden += 1;
    else pids.add(pid);
  }
  return hidden;
}
