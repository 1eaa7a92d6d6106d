import { statSync } from 'node:fs';
import { isGone, isSilostatError } from '../../errors.ts';
import type { Reading } from '../../job.ts';
import type { Reason } from '../../report.ts';
import { reasonOf } from '../../report.ts';
import type { LinuxFigures, Network } from '../../schema/own.ts';
import { systemError } from '../errors.ts';
import { parseNetDev } from '../parse/net-dev.ts';
import type { ProcFs } from '../process/proc.ts';
import { oldestOf } from '../process/process-age.ts';
import { readWhole, scratchBytes } from '../read.ts';
import type { PidList } from './pids.ts';

const member = 'Network';
const loopback = 'lo';
const sources = Object.freeze({ [member]: '/proc/PID/net/dev of the oldest process' });
const hostNetwork: Reading<LinuxFigures> = Object.freeze({
  values: { [member]: { Namespace: 'host' } } satisfies LinuxFigures,
  sources: Object.freeze({ [member]: '/proc/PID/net/dev of the oldest process, and of process 1' }),
});

const noProcess: Reason = { code: 'ERR_UNSUPPORTED', message: 'no process of it could be read' };
const hidden: Reason = { code: 'ERR_ACCESS_DENIED', message: '/proc hides its processes from this user (hidepid)' };

/**
 * The network of the container's namespace, seen through its oldest process: nobody enters the namespace. A container
 * with the host's network is told by that of process 1.
 */
export function readNetwork(proc: ProcFs, pids: PidList): Reading<LinuxFigures> {
  const pid = oldestOf(proc, pids)?.pid;
  if (pid === undefined) return unread(pids.pids.some((each) => proc.isHidden(each)) ? hidden : noProcess);
  try {
    return namespaceOf(proc, pid) === namespaceOf(proc, 1) ? hostNetwork : ownNetwork(`${proc.root}/${pid}/net/dev`);
  } catch (error) {
    if (!isSilostatError(error) || error.code === 'ERR_PARSE') throw error;
    // The process has exited meanwhile, which is not the end of the container.
    return unread(isGone(error) ? { code: 'ERR_UNSUPPORTED', message: `process ${pid} exited` } : reasonOf(error));
  }
}

function ownNetwork(file: string): Reading<LinuxFigures> {
  const length = readWhole(file);
  const { interfaces, tooLarge } = parseNetDev(scratchBytes(), length, file);
  const network: Network = { Namespace: 'own', Interfaces: interfaces.filter(({ Name }) => Name !== loopback) };
  const reading = { values: { [member]: network }, sources };
  return tooLarge.length === 0 ? reading : { ...reading, absent: leftOut(tooLarge) };
}

/**
 * A number that the network namespace alone has: the inode of its own net/dev, which everybody may see. The namespace's
 * number in ns/net takes the right to trace the process, which even root may lack of process 1.
 */
function namespaceOf(proc: ProcFs, pid: number): bigint {
  const file = `${proc.root}/${pid}/net/dev`;
  try {
    return statSync(file, { bigint: true }).ino;
  } catch (error) {
    throw systemError(error, 'tell the network namespace of', String(pid), file);
  }
}

function leftOut(interfaces: readonly string[]): Record<string, Reason> {
  const message = `counters of ${interfaces.join(', ')} are above 2^53: numbers would be rounded`;
  return { [`${member}.Interfaces`]: { code: 'ERR_UNSUPPORTED', message } };
}

function unread(reason: Reason): Reading<LinuxFigures> {
  return { values: undefined, sources: {}, absent: { [member]: reason } };
}
