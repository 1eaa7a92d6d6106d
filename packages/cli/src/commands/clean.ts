import { exitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { renderJson } from '../render/json.ts';
import { visible } from '../render/visible.ts';

export interface CleanRequest {
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Removes job containers that nobody owns any more, and tells which; there being none is no failure. */
export async function clean({ dryRun, json }: CleanRequest, io: Io): Promise<number> {
  const leftovers = await io.library.cleanJobContainers({ dryRun });
  if (json) {
    const documents = leftovers.map(({ id, path, processCount }) => ({
      Id: id,
      CgroupPath: path,
      ProcessCount: processCount,
      Removed: !dryRun,
    }));
    io.stdout.write(`${renderJson(documents)}\n`);
    return exitCode.success;
  }
  for (const { id, path, processCount } of leftovers) {
    const what = `${id} (${path}, ${processCount === 1 ? '1 process' : `${processCount} processes`})`;
    io.stdout.write(`${dryRun ? 'would remove' : 'removed'} ${visible(what)}\n`);
  }
  return exitCode.success;
}
