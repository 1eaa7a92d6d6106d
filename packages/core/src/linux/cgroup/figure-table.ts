import type { Reading } from '../../job.ts';
import type { Absences, Reason, Sources } from '../../report.ts';
import { sharedSources } from '../../shared-sources.ts';
import type { TooLarge } from '../parse/counter.ts';
import { KeyedNumber } from '../parse/keyed-number.ts';
import type { ParseNumber } from '../parse/single-number.ts';
import { parseSingleNumber } from '../parse/single-number.ts';
import { KernelFile, scratchBytes } from '../read.ts';
import type { Place } from './cgroup-directory.ts';
import { isPlaced } from './cgroup-directory.ts';

/** One figure: the file that it stands in and how it is read out of it. */
export interface FigureRow {
  readonly file: string;
  /** Name of the member in the answer. */
  readonly member: string;
  /** The line that it stands in, where the file has several (`usage_usec` of cpu.stat). */
  readonly key?: string;
  /** Multiplies the number of that line: 10 makes microseconds 100 ns. */
  readonly scale?: number;
  /** Leaves out so many last digits of that line's number: 2 makes nanoseconds 100 ns. */
  readonly drop?: number;
  /** Why the line, or the number, may be missing though the file is there; where it never is, a missing one is an error. */
  readonly whyNoLine?: string;
  /** How a file is read that has no lines with keys; as a plain number if left out. */
  readonly parse?: ParseNumber;
  /** Why the file may be missing though the cgroup is there. */
  readonly whyMissing: string;
}

interface OpenFile {
  readonly file: KernelFile;
  readonly figures: OpenFigure[];
}

interface OpenFigure {
  readonly row: FigureRow;
  readonly path: string;
  readonly parse: ParseNumber;
}

/**
 * Figures that are read straight from files, a file once for all figures in it. The files are opened when it is made;
 * each `read` is one system call a file.
 */
export class FigureTable<T extends object> {
  readonly #files: readonly OpenFile[];
  readonly sources: Sources;
  readonly #absent: Absences | undefined;

  /**
   * @param section where the members stand within the property type: `Memory`, or empty
   * @throws SilostatError ERR_NOT_FOUND when the cgroup has gone.
   */
  constructor(place: Place, section: string, rows: readonly FigureRow[]) {
    const files = new Map<string, OpenFile | Reason>();
    const sources: Record<string, string> = {};
    const absent: Record<string, Reason> = {};
    for (const row of rows) {
      const path = section === '' ? row.member : `${section}.${row.member}`;
      let opened = files.get(row.file);
      if (opened === undefined) {
        opened = openRow(place, row);
        files.set(row.file, opened);
      }
      if ('code' in opened) absent[path] = opened;
      else {
        opened.figures.push({ row, path, parse: parserOf(row) });
        sources[path] = row.key === undefined ? row.file : `${row.file} ${row.key}`;
      }
    }
    this.#files = [...files.values()].filter((file): file is OpenFile => 'file' in file);
    this.sources = sharedSources(sources);
    if (Object.keys(absent).length > 0) this.#absent = Object.freeze(absent);
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<T> {
    const values: Record<string, number | null> = {};
    let absent = this.#absent;
    let some = false;
    for (const { file, figures } of this.#files) {
      const length = file.read();
      const bytes = scratchBytes();
      for (const { row, path, parse } of figures) {
        const value = parse(bytes, length, file.path);
        if (typeof value === 'number' || value === null) {
          values[row.member] = value;
          some = true;
        } else absent = { ...absent, [path]: value === undefined ? notWritten(row) : tooLarge(value) };
      }
    }
    const answer = some ? (values as T) : undefined;
    if (absent === undefined) return { values: answer, sources: this.sources };
    return { values: answer, sources: this.sources, absent };
  }
}

function openRow(place: Place, row: FigureRow): OpenFile | Reason {
  const file = isPlaced(place) ? place.openFile(row.file, row.whyMissing) : place;
  return file instanceof KernelFile ? { file, figures: [] } : file;
}

/** One for each open file: it remembers where the line stood. */
function parserOf(row: FigureRow): ParseNumber {
  if (row.key === undefined) return row.parse ?? parseSingleNumber;
  const line = new KeyedNumber(row.key, row.scale, row.drop);
  if (row.whyNoLine !== undefined) return (bytes, length, file) => line.parseIfThere(bytes, length, file);
  return (bytes, length, file) => line.parse(bytes, length, file);
}

function notWritten({ file, key, whyNoLine }: FigureRow): Reason {
  return {
    code: 'ERR_UNSUPPORTED',
    message: `${file} has no ${key ?? 'such figure'}: ${whyNoLine ?? 'nobody says why'}`,
  };
}

/** Why a counter is absent that does not fit a number; its digits are in the message. */
export function tooLarge(counter: TooLarge): Reason {
  return { code: 'ERR_UNSUPPORTED', message: `it is ${counter.text}, above 2^53: a number would be rounded` };
}
