/** /proc/PID/stat, as far as it tells who a process is and what it and the children that it waited for used. */
export interface ProcessFamily {
  /** One letter: Z and X have exited. */
  readonly state: string;
  readonly parent: number;
  /** Ticks since boot: with the pid, what tells it from a later process. */
  readonly startTicks: string;
  /** In clock ticks, children that it has waited for included. */
  readonly userTicks: number;
  readonly systemTicks: number;
}

/** undefined for a text that is none. The name, in parentheses, may hold anything. */
export function parseProcessFamily(text: string): ProcessFamily | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (index: number) => Number(fields[index] ?? Number.NaN);
  const [state = '', , , , , , , , , , , , , , , , , , , startTicks = ''] = fields;
  const family = {
    state,
    parent: at(1),
    startTicks,
    userTicks: at(11) + at(13),
    systemTicks: at(12) + at(14),
  };
  const isComplete =
    /^\d+$/.test(startTicks) && Number.isInteger(family.parent + family.userTicks + family.systemTicks);
  return isComplete ? family : undefined;
}

/** `read_bytes` and `write_bytes` of /proc/PID/io: what was fetched from, and caused to be sent to, the storage layer. */
export function parseProcessIo(text: string): { readonly read: number; readonly written: number } | undefined {
  const read = /^read_bytes: (\d+)$/m.exec(text)?.[1];
  const written = /^write_bytes: (\d+)$/m.exec(text)?.[1];
  return read === undefined || written === undefined ? undefined : { read: Number(read), written: Number(written) };
}
