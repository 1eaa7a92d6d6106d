import type { Reading } from '../../job.ts';
import type { Faults, Limits, LinuxFigures } from '../../schema/own.ts';
import type { OwnReadings } from './cgroup.ts';
import type { Place } from './cgroup-directory.ts';
import { FaultCounters } from './faults.ts';
import { readLimits } from './limits.ts';
import { LinuxFigureTables } from './linux-figures.ts';

/** The property types that HCS does not have, of one cgroup: `Limits`, `Faults`, `Linux`. Opened when first asked for. */
export class OwnFigures implements OwnReadings {
  readonly #placeOf: (controller: string) => Place;
  #faults: FaultCounters | undefined;
  #linux: LinuxFigureTables | undefined;

  /** @param placeOf where a controller's files are, on the version that has it; `pressure` counts as one of v2 */
  constructor(placeOf: (controller: string) => Place) {
    this.#placeOf = placeOf;
  }

  /** Read anew, ancestors and all: limits are asked for seldom, and may change. */
  limits(): Reading<Limits> {
    return readLimits(this.#placeOf);
  }

  faults(): Reading<Faults> {
    this.#faults ??= new FaultCounters(this.#placeOf('memory'));
    return this.#faults.read();
  }

  linux(): Reading<LinuxFigures> {
    this.#linux ??= new LinuxFigureTables(this.#placeOf);
    return this.#linux.read();
  }
}
