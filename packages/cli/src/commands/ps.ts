import type { Report } from 'silostat';
import { exitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { renderJson } from '../render/json.ts';
import { type ProcessRow, processRows } from '../render/process-tree.ts';
import { type ProcessView, renderProcesses, renderProcessesCsv } from '../render/ps.ts';

export interface PsRequest {
  readonly reference: string;
  readonly format: 'table' | 'csv' | 'json';
  readonly view: Omit<ProcessView, 'now'>;
}

/** Shows the processes of one container. None is no failure. */
export async function ps(request: PsRequest, io: Io): Promise<number> {
  const system = await io.library.openComputeSystem(request.reference);
  try {
    const { properties, report } = await system.query(['ProcessList', 'ProcessTree'], { signal: io.stop });
    const processes = processRows(properties.ProcessList ?? [], properties.ProcessTree);
    for (const line of linesOf(processes, request, io)) io.stdout.write(`${line}\n`);
    tellUnread(report, io);
    return exitCode.success;
  } finally {
    system.close();
  }
}

function linesOf(processes: readonly ProcessRow[], { format, view }: PsRequest, io: Io): string[] {
  if (format === 'json') return [renderJson(processes)];
  const now = io.clock.now();
  return format === 'csv'
    ? renderProcessesCsv(processes, { ...view, now })
    : renderProcesses(processes, { ...view, now });
}

function tellUnread({ types }: Report, io: Io): void {
  const { read, denied = 0, unreadable = 0 } = types.ProcessList?.processes ?? {};
  const unread = denied + unreadable;
  if (read === undefined || unread === 0) return;
  io.stderr.write(`silostat: ${unread} of ${read + unread} processes could not be read\n`);
}
