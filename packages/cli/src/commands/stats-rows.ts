import type { StatsRow } from '../render/stats-columns.ts';
import type { Observed } from './stats-observer.ts';

/** What was read, as the rows of a table. */
export function rowsOf(observed: readonly Observed[]): StatsRow[] {
  return observed.map(({ names, properties, report, rates, summary }) => {
    const { Statistics: type } = report.types;
    const processCount = properties.ProcessList?.length;
    return {
      names,
      properties,
      lowerBounds: type?.lowerBounds ?? [],
      ...(rates !== undefined && { rates }),
      ...(summary !== undefined && { summary }),
      ...(processCount !== undefined && { processCount }),
      ...(type?.processes !== undefined && { tally: type.processes }),
    };
  });
}
