import { readdirSync } from 'node:fs';
import type { Reading } from '../../job.ts';
import type { Reason, Sources } from '../../report.ts';
import type { HugePages, LinuxFigures } from '../../schema/own.ts';
import { systemError } from '../errors.ts';
import type { CgroupDirectory, Place } from './cgroup-directory.ts';
import { isPlaced } from './cgroup-directory.ts';
import { FigureTable } from './figure-table.ts';

const member = 'HugePages';

/** hugetlb.2MB.current (v2), hugetlb.2MB.usage_in_bytes (v1): one file for each page size of the host. */
const usageFile = /^hugetlb\.(\d+[KMG]B)\.(?:current|usage_in_bytes)$/;

/** Huge pages in use. Their sizes are looked up once. */
export class HugePageFiles {
  readonly #table: FigureTable<Record<string, number>> | undefined;
  readonly #whyNot: Reason | undefined;
  readonly sources: Sources;

  /** @throws SilostatError ERR_NOT_FOUND when the cgroup has gone. */
  constructor(place: Place) {
    const names = isPlaced(place) ? usageFiles(place) : [];
    const [first] = names;
    this.sources = Object.freeze(first === undefined ? {} : { [member]: first.replace(/\d+[KMG]B/, 'SIZE') });
    if (!isPlaced(place)) this.#whyNot = place;
    else if (first === undefined) {
      this.#whyNot = { code: 'ERR_UNSUPPORTED', message: 'the hugetlb controller is not enabled for this cgroup' };
    } else {
      const rows = names.map((file) => ({ file, member: file, whyMissing: 'it was listed a moment ago' }));
      this.#table = new FigureTable(place, member, rows);
    }
  }

  /** @throws SilostatError ERR_NOT_FOUND, ERR_PARSE. */
  read(): Reading<LinuxFigures> {
    if (this.#table === undefined) {
      return { values: undefined, sources: {}, ...(this.#whyNot && { absent: { [member]: this.#whyNot } }) };
    }
    const { values, absent } = this.#table.read();
    const [reason] = Object.values(absent ?? {});
    if (values === undefined || reason !== undefined) {
      return { values: undefined, sources: {}, ...(reason && { absent: { [member]: reason } }) };
    }
    const pages = Object.entries(values).map(
      ([file, UsedBytes]): HugePages => ({ PageSize: usageFile.exec(file)?.[1] ?? file, UsedBytes }),
    );
    return { values: { [member]: pages }, sources: this.sources };
  }
}

function usageFiles(place: CgroupDirectory): string[] {
  try {
    return readdirSync(place.directory)
      .filter((name) => usageFile.test(name))
      .sort();
  } catch (error) {
    throw systemError(error, 'list', place.path, place.directory);
  }
}
