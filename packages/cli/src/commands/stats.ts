import { Failures } from '../failure.ts';
import type { Filter } from '../filter.ts';
import type { Io } from '../io.ts';
import { renderJson, renderJsonLine } from '../render/json.ts';
import { columnsOfView, renderStats, renderStatsCsv, type StatsView, statsCsvHeader } from '../render/stats.ts';
import { typesFor } from '../render/stats-columns.ts';
import { Screen } from '../screen.ts';
import { type Observed, Observer, type ObserverOptions } from './stats-observer.ts';
import { rowsOf } from './stats-rows.ts';

export interface StatsRequest {
  /** None: all running containers. */
  readonly references: readonly string[];
  readonly watch: boolean;
  readonly intervalSeconds: number;
  readonly format: 'table' | 'csv' | 'json';
  readonly view: StatsView;
  /** Only for all running ones. */
  readonly filters: readonly Filter[];
  readonly debug: boolean;
}

/** A single reading waits as long as it takes; a watch goes on without what is late. */
const endlessPatienceMs = 2 ** 31 - 1;
const watchPatienceMs = 250;

/** Shows what containers use: once, or again and again. */
export async function stats(request: StatsRequest, io: Io): Promise<number> {
  const failures = new Failures(io, request.debug);
  const observer = new Observer(observerOptions(request), io, failures);
  try {
    await observer.open();
    if (request.watch) await watch(observer, request, io);
    else await once(observer, request, io);
  } finally {
    observer.close();
  }
  return failures.exitCode;
}

/** The documents of JSON are of Statistics alone, whatever the table shows. */
function observerOptions(request: StatsRequest): ObserverOptions {
  const { references, filters, watch: mayEnd, format, view } = request;
  const columns = columnsOfView(view);
  return {
    references,
    filters,
    mayEnd,
    intervalMs: Math.max(1, request.intervalSeconds * 1000),
    patienceMs: mayEnd ? watchPatienceMs : endlessPatienceMs,
    types: format === 'json' ? ['Statistics'] : typesFor([...columns, ...sortedBy(view)]),
    withSummaries: format !== 'json' && [...columns, ...sortedBy(view)].some(({ fromList }) => fromList === true),
  };
}

function sortedBy({ order }: StatsView): ReturnType<typeof columnsOfView> {
  return order === undefined ? [] : columnsOfView({ titles: [order.title] });
}

/** Two readings make a rate; the documents have none, so one is enough for them. */
async function once(observer: Observer, request: StatsRequest, io: Io): Promise<void> {
  const beganNs = io.clock.monotonicNs();
  let observed = await observer.read();
  if (request.format !== 'json' && request.intervalSeconds > 0 && observed.length > 0) {
    // A reading that had to wait for a service was long enough.
    const tookMs = Number(io.clock.monotonicNs() - beganNs) / 1e6;
    await measuring(Math.max(0, request.intervalSeconds * 1000 - tookMs), request.intervalSeconds, io);
    observed = await observer.read();
  }
  if (io.stop.aborted || observer.isOver) return;
  for (const line of linesOf(observed, request)) io.stdout.write(`${line}\n`);
}

/** Waits for the second reading; who looks at a terminal is told why. */
async function measuring(milliseconds: number, seconds: number, io: Io): Promise<void> {
  const isSeen = io.stderr.isTTY === true;
  if (isSeen) io.stderr.write(`silostat: measuring for ${seconds} s`);
  await io.sleep(milliseconds);
  if (isSeen) io.stderr.write('\r\x1b[K');
}

function linesOf(observed: readonly Observed[], { format, view }: StatsRequest): string[] {
  if (format === 'json') return [renderJson(documents(observed))];
  if (format === 'csv') return [statsCsvHeader(view), ...renderStatsCsv(rowsOf(observed), view)];
  return renderStats(rowsOf(observed), view);
}

/** A frame, lines of CSV, or a line of JSON, per interval; ends when all that were given have gone, or at a signal. */
async function watch(observer: Observer, request: StatsRequest, io: Io): Promise<void> {
  const draw = drawing(request, io);
  const interval = BigInt(Math.round(request.intervalSeconds * 1e9));
  let due = io.clock.monotonicNs();
  while (!io.stop.aborted) {
    const observed = await observer.read();
    if (io.stop.aborted || observer.isOver) return;
    draw(observed);
    due = nextDue(due, interval, io.clock.monotonicNs());
    await io.sleep(Number(due - io.clock.monotonicNs()) / 1e6);
  }
}

/** How one reading after the other is written. */
function drawing({ format, view }: StatsRequest, io: Io): (observed: readonly Observed[]) => void {
  if (format === 'json') return (observed) => void io.stdout.write(`${renderJsonLine(documents(observed))}\n`);
  if (format === 'csv') {
    io.stdout.write(`${statsCsvHeader(view)}\n`);
    return (observed) => {
      for (const line of renderStatsCsv(rowsOf(observed), view)) io.stdout.write(`${line}\n`);
    };
  }
  const screen = new Screen(io.stdout);
  return (observed) => screen.draw(renderStats(rowsOf(observed), view));
}

/** The next beat that is still to come: a slow reading skips beats instead of piling them up. */
function nextDue(due: bigint, interval: bigint, now: bigint): bigint {
  const missed = now > due ? (now - due) / interval : 0n;
  return due + (missed + 1n) * interval;
}

/** `stats --json`: the documents, each with the names that people call it by. */
function documents(observed: readonly Observed[]): object[] {
  return observed.map(({ names, properties }) => {
    const { Id, ...rest } = properties;
    return { Id, Names: names, ...rest };
  });
}
