import type { Reading } from '../../job.ts';
import type { Absences, Reason, Sources } from '../../report.ts';
import { sharedSources } from '../../shared-sources.ts';
import type { TooLarge } from '../parse/counter.ts';
import { KeyedNumber } from '../parse/keyed-number.ts';
import type { ParseNumber } from '../parse/single-number.ts';
import { parseSingleNumber } from '../parse/single-number.ts';
import { KernelFile, scratchBytes } from '../read.ts';
import type { Place, WantedFile } from './cgroup-directory.ts';
import { openFiles } from './cgroup-directory.ts';

/** One figure: the file that it stands in and how it is read out of it. */
export interface FigureRow extends WantedFile {
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
}

interface OpenFigure {
  readonly file: KernelFile;
  readonly row: FigureRow;
  /** One for each open file: it remembers where the line stood. */
  readonly line: KeyedNumber | undefined;
}

/**
 * Figures that are read straight from files, a file once for all figures in it. The files are opened when it is made;
 * each `read` is one system call a file.
 */
export class FigureTable<T extends object> {
  /** Those of one file stand together. A host may have thousands of tables: this one list is all that each keeps. */
  readonly #figures: readonly OpenFigure[];
  readonly #section: string;
  readonly sources: Sources;
  readonly #absent: Absences | undefined;

  /**
   * @param section where the members stand within the property type: `Memory`, or empty
   * @throws SilostatError ERR_NOT_FOUND when the cgroup has gone.
   */
  constructor(place: Place, section: string, rows: readonly FigureRow[]) {
    this.#section = section;
    const figures: OpenFigure[] = [];
    const absent: Record<string, Reason> = {};
    const ofFiles = [...byFile(rows).values()];
    const files = openFiles(
      place,
      ofFiles.map(([first]) => first),
    );
    for (const [index, ofFile] of ofFiles.entries()) {
      const file = files[index];
      for (const row of ofFile) {
        const path = this.#pathOf(row);
        if (file instanceof KernelFile) {
          figures.push({ file, row, line: lineOf(row) });
        } else if (file !== undefined) absent[path] = file;
      }
    }
    // A copy has no room to grow.
    this.#figures = figures.slice();
    if (figures.length < rows.length) this.#absent = Object.freeze(absent);
    this.sources = figures.length < rows.length ? this.#sourcesOf(figures) : this.#sourcesOfAll(rows);
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<T> {
    const values: Record<string, number | null> = {};
    let absent = this.#absent;
    let some = false;
    let last: KernelFile | undefined;
    let length = 0;
    for (const figure of this.#figures) {
      const { file, row } = figure;
      if (file !== last) length = file.read();
      last = file;
      const value = parse(figure, length);
      if (typeof value === 'number' || value === null) {
        values[row.member] = value;
        some = true;
      } else absent = { ...absent, [this.#pathOf(row)]: value === undefined ? notWritten(row) : tooLarge(value) };
    }
    const answer = some ? (values as T) : undefined;
    if (absent === undefined) return { values: answer, sources: this.sources };
    return { values: answer, sources: this.sources, absent };
  }

  /** Of a table that has all its figures, as most have: the same for all containers. */
  #sourcesOfAll(rows: readonly FigureRow[]): Sources {
    const known = whole.get(rows) ?? this.#sourcesOf(this.#figures);
    whole.set(rows, known);
    return known;
  }

  #sourcesOf(figures: readonly OpenFigure[]): Sources {
    const entries = figures.map(({ row }) => {
      const { file, key } = row;
      return [this.#pathOf(row), key === undefined ? file : `${file} ${key}`];
    });
    return sharedSources(Object.fromEntries(entries));
  }

  #pathOf({ member }: FigureRow): string {
    return this.#section === '' ? member : `${this.#section}.${member}`;
  }
}

/** The rows of one table always stand in the same section. */
const whole = new WeakMap<readonly FigureRow[], Sources>();

/** In the order in which the files are named first. */
function byFile(rows: readonly FigureRow[]): Map<string, [FigureRow, ...FigureRow[]]> {
  const files = new Map<string, [FigureRow, ...FigureRow[]]>();
  for (const row of rows) {
    const same = files.get(row.file);
    if (same === undefined) files.set(row.file, [row]);
    else same.push(row);
  }
  return files;
}

function lineOf({ key, scale, drop }: FigureRow): KeyedNumber | undefined {
  return key === undefined ? undefined : new KeyedNumber(key, scale, drop);
}

/** Out of the bytes of the last read. */
function parse({ file, row, line }: OpenFigure, length: number): ReturnType<ParseNumber> {
  const bytes = scratchBytes();
  if (line === undefined) return (row.parse ?? parseSingleNumber)(bytes, length, file.path);
  return row.whyNoLine === undefined
    ? line.parse(bytes, length, file.path)
    : line.parseIfThere(bytes, length, file.path);
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
