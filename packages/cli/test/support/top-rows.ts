import { defaultTopTitles, initialModel, type TopModel, type TopRow, withRows } from '../../dist/render/top-model.js';

const mebibyte = 2 ** 20;

/** Containers with figures that follow from their number; `changes` are for single ones, by their number. */
export function topRows(count: number, changes: Readonly<Record<number, Partial<TopRow>>> = {}): TopRow[] {
  return Array.from({ length: count }, (_, at) => ({ ...topRow(at), ...changes[at] }));
}

function topRow(at: number): TopRow {
  const processors = ((at * 37) % 100) / 50;
  return {
    key: `/docker/${at}`,
    names: [`web-${at}`],
    properties: {
      Id: `${at}`.padStart(4, '0').padEnd(64, 'a'),
      Owner: at % 3 === 0 ? 'podman' : 'docker',
      Statistics: {
        Uptime100ns: (at + 1) * 610_000_000,
        Processor: { TotalRuntime100ns: at * 10_000_000 },
        Memory: {
          MemoryUsageCommitBytes: (at + 1) * 3 * mebibyte,
          MemoryUsagePrivateWorkingSetBytes: (at + 1) * 2 * mebibyte,
        },
      },
    },
    rates: { processors, readBytesPerSecond: at * 1000 },
    history: Array.from({ length: 12 }, (_, then) => ((at + then * 7) % 20) / 10),
    processCount: at + 1,
    lowerBounds: [],
  };
}

/** What `top` shows of those rows at first. */
export function topModel(rows: readonly TopRow[], changes: Partial<TopModel> = {}): TopModel {
  const view = { titles: defaultTopTitles, order: { title: 'CPU%', reverse: false }, intervalSeconds: 1 };
  return withRows({ ...initialModel(view), ...changes }, rows, '03:04:05 UTC');
}
