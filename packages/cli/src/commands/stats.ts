import { Failures } from '../failure.ts';
import type { Io } from '../io.ts';
import { renderJson, renderJsonLine } from '../render/json.ts';
import { renderStats, type StatsRow } from '../render/stats.ts';
import { Screen } from '../screen.ts';
import { type Observed, Observer } from './stats-observer.ts';

export interface StatsRequest {
  /** None: all running containers. */
  readonly references: readonly string[];
  readonly watch: boolean;
  readonly intervalSeconds: number;
  readonly json: boolean;
  readonly debug: boolean;
}

/** A single reading waits as long as it takes; a watch goes on without what is late. */
const endlessPatienceMs = 2 ** 31 - 1;
const watchPatienceMs = 250;

/** Shows what containers use: once, or again and again. */
export async function stats(request: StatsRequest, io: Io): Promise<number> {
  const failures = new Failures(io, request.debug);
  const { references, watch: mayEnd } = request;
  const patienceMs = mayEnd ? watchPatienceMs : endlessPatienceMs;
  const observer = new Observer({ references, mayEnd, patienceMs }, io, failures);
  try {
    await observer.open();
    if (request.watch) await watch(observer, request, io);
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
    observed = await observer.read();
  }
  if (io.stop.aborted || observer.isOver) return;
  const text = request.json ? renderJson(documents(observed)) : renderStats(rows(observed)).join('\n');
  io.stdout.write(`${text}\n`);
}

/** A frame, or a line of JSON, per interval; ends when all that were given have gone, or at a signal. */
async function watch(observer: Observer, request: StatsRequest, io: Io): Promise<void> {
  const screen = new Screen(io.stdout);
  const interval = BigInt(Math.round(request.intervalSeconds * 1e9));
  let due = io.clock.monotonicNs();
  while (!io.stop.aborted) {
    const observed = await observer.read();
    if (io.stop.aborted || observer.isOver) return;
    if (request.json) io.stdout.write(`${renderJsonLine(documents(observed))}\n`);
    else screen.draw(renderStats(rows(observed)));
    due = nextDue(due, interval, io.clock.monotonicNs());
    await io.sleep(Number(due - io.clock.monotonicNs()) / 1e6);
  }
}

/** The next beat that is still to come: a slow reading skips beats instead of piling them up. */
function nextDue(due: bigint, interval: bigint, now: bigint): bigint {
  const missed = now > due ? (now - due) / interval : 0n;
  return due + (missed + 1n) * interval;
}

/** `stats --json`: the documents, each with the names that people call it by. */
function documents(observed: readonly Observed[]): object[] {
  return observed.map(({ names, properties }) => {
    const { Id, ProcessList: _, ...rest } = properties;
    return { Id, Names: names, ...rest };
  });
}

function rows(observed: readonly Observed[]): StatsRow[] {
  return observed.map(({ names, properties, report, rates }) => {
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
