import { Failures } from '../failure.ts';
import type { Io } from '../io.ts';
import { renderJson, renderJsonLine } from '../render/json.ts';
import { renderStats, type StatsRow } from '../render/stats.ts';
import { Screen } from '../screen.ts';
import { type Observed, type Observer, observeAll, observeGiven } from './stats-observer.ts';

export interface StatsRequest {
  /** None: all running containers. */
  readonly references: readonly string[];
  readonly watch: boolean;
  readonly intervalSeconds: number;
  readonly json: boolean;
  readonly debug: boolean;
}

/** Shows what containers use: once, or again and again. */
export async function stats(request: StatsRequest, io: Io): Promise<number> {
  const failures = new Failures(io, request.debug);
  const { references, watch: endless } = request;
  const observer =
    references.length === 0 ? observeAll(io, failures) : await observeGiven(references, io, failures, !endless);
  try {
    if (endless) await watch(observer, request, io);
    else await once(observer, request, io);
  } finally {
    observer.close();
  }
  return failures.exitCode;
}

/** Two readings make a rate; the documents have none, so one is enough for them. */
async function once(observer: Observer, request: StatsRequest, io: Io): Promise<void> {
  let observed = await observer.read();
  if (!request.json && request.intervalSeconds > 0 && observed.length > 0) {
    await io.sleep(request.intervalSeconds * 1000);
    if (io.stop.aborted) return;
    observed = await observer.read();
  }
  if (observed.length === 0 && observer.wasGiven) return;
  const text = request.json ? renderJson(documents(observed)) : renderStats(rows(observed)).join('\n');
  io.stdout.write(`${text}\n`);
}

/** A frame, or a line of JSON, per interval; ends when all that were given have gone, or at a signal. */
async function watch(observer: Observer, request: StatsRequest, io: Io): Promise<void> {
  const screen = new Screen(io.stdout);
  const interval = BigInt(Math.round(request.intervalSeconds * 1e9));
  let due = io.monotonicNs();
  while (!io.stop.aborted) {
    const observed = await observer.read();
    if (observer.wasGiven && observer.isOver) return;
    if (request.json) io.stdout.write(`${renderJsonLine(documents(observed))}\n`);
    else screen.draw(renderStats(rows(observed)));
    due = nextDue(due, interval, io.monotonicNs());
    await io.sleep(Number(due - io.monotonicNs()) / 1e6);
  }
}

/** The next beat that is still to come: a slow reading skips beats instead of piling them up. */
function nextDue(due: bigint, interval: bigint, now: bigint): bigint {
  const missed = now > due ? (now - due) / interval : 0n;
  return due + (missed + 1n) * interval;
}

/** `stats --json`: the documents, each with the names that people call it by. */
function documents(observed: readonly Observed[]): object[] {
  return observed.map(({ names, result }) => {
    const { ProcessList: _, ...properties } = result.properties;
    return { ...properties, Names: names };
  });
}

function rows(observed: readonly Observed[]): StatsRow[] {
  return observed.map(({ names, result, rates }) => {
    const { properties, report } = result;
    const { Statistics: type } = report.types;
    const row: StatsRow = { names, properties, lowerBounds: type?.lowerBounds ?? [] };
    return {
      ...row,
      ...(rates !== undefined && { rates }),
      ...(properties.ProcessList !== undefined && { processCount: properties.ProcessList.length }),
      ...(type?.processes !== undefined && { tally: type.processes }),
    };
  });
}
