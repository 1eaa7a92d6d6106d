import { exitCode } from '../exit-code.ts';
import { reportMissing } from '../failure.ts';
import { type Filter, isWanted } from '../filter.ts';
import type { Io } from '../io.ts';
import type { Order } from '../render/columns.ts';
import { renderJson } from '../render/json.ts';
import { renderList } from '../render/ls.ts';

export interface LsRequest {
  readonly all: boolean;
  readonly json: boolean;
  readonly filters: readonly Filter[];
  readonly titles: readonly string[];
  readonly order?: Order;
}

/** Lists the containers of this host. None is no failure. */
export async function ls(request: LsRequest, io: Io): Promise<number> {
  const { all, filters } = request;
  const listed = await io.library.listComputeSystems({ all, onMissing: (reason) => reportMissing(reason, io) });
  const summaries = listed.filter((summary) => isWanted(summary, filters));
  const view = { ...request, now: io.clock.now() };
  const text = request.json ? renderJson(summaries) : renderList(summaries, view).join('\n');
  io.stdout.write(`${text}\n`);
  return exitCode.success;
}
