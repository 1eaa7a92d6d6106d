import { mkdirSync } from 'node:fs';
import { checkout } from './checkout.ts';
import type { Outcome, RunOptions } from './command.ts';
import { run } from './command.ts';
import { scratchFolder } from './scratch.ts';
import type { Undo } from './undo.ts';

const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** The command line as an unprivileged user runs it. */
export interface Nobody {
  /** Where the checkout lies for him; what begins with this may be made by the tests. */
  readonly mountPoint: string;
  silostat(args: readonly string[], options?: RunOptions): Promise<Outcome>;
}

/** In a mount namespace of its own the checkout lies where everybody may read it. */
export function asNobody(undo: Undo): Nobody {
  const mountPoint = `${scratchFolder(undo)}/checkout`;
  mkdirSync(mountPoint);
  const script = 'mount --bind "$1" "$2" && cd / && shift 2 && exec "$@"';
  const program = [process.execPath, `${mountPoint}/packages/cli/bin/silostat.js`];
  return {
    mountPoint,
    silostat: (args, options) => {
      const command = [...nobody, ...program, ...args];
      return run('unshare', ['--mount', 'sh', '-c', script, 'sh', checkout, mountPoint, ...command], options);
    },
  };
}
