import type { Reason } from '../report.ts';
import type { ComputeSystemSummary } from '../schema/summary.ts';
import type { StartTime } from '../start-time.ts';
import type { StateFile } from './state-folder.ts';

/** What an engine's files tell of one container. What they do not tell is absent. */
export interface EngineFacts {
  readonly names?: readonly string[];
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly pod?: NonNullable<ComputeSystemSummary['Pod']>;
  readonly startTime?: StartTime;
  /** Why a file that is there could not be used. */
  readonly problems: readonly Reason[];
}

/** The facts in one state file; undefined where there is no such file. */
export function factsIn(
  file: StateFile,
  parse: (json: unknown, path: string) => Omit<EngineFacts, 'problems'>,
): EngineFacts | undefined {
  switch (file.kind) {
    case 'missing':
      return undefined;
    case 'unusable':
      return { problems: [file.reason] };
    case 'read':
      return { ...parse(file.json, file.path), problems: [] };
  }
}

/** Each member from the first that has it; the problems of all. */
export function mergeFacts(...all: readonly (EngineFacts | undefined)[]): EngineFacts {
  const present = all.filter((facts) => facts !== undefined);
  const problems = present.flatMap((facts) => facts.problems);
  return { ...Object.assign({}, ...present.toReversed()), problems };
}
