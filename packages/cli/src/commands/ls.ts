import { exitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { renderJson } from '../render/json.ts';
import { renderList } from '../render/ls.ts';

export interface LsRequest {
  readonly all: boolean;
  readonly json: boolean;
}

/** Lists the containers of this host. None is no failure. */
export async function ls(request: LsRequest, io: Io): Promise<number> {
  const summaries = await io.library.listComputeSystems({ all: request.all });
  const text = request.json ? renderJson(summaries) : renderList(summaries, io.clock.now(), request.all).join('\n');
  io.stdout.write(`${text}\n`);
  return exitCode.success;
}
