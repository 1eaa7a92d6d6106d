import { isSilostatError } from '../../errors.ts';
import { reasonOf } from '../../report.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { directoryOf } from '../mounts.ts';
import type { CgroupPaths } from './cgroup.ts';
import type { Place } from './cgroup-directory.ts';
import { CgroupDirectory, isPlaced } from './cgroup-directory.ts';

/** The version 1 controllers that figures are read of; the others' directories may be missing. */
const figureControllers: ReadonlySet<string> = new Set(['memory', 'cpuacct', 'cpu', 'blkio', 'pids', 'hugetlb']);

/** The directories of a cgroup in the hierarchies that figures are read of, each one seen. */
export class CgroupPlaces {
  readonly primary: CgroupDirectory;
  readonly #hierarchies: Hierarchies;
  readonly #places = new Map<Hierarchy, Place>();
  /** Directories that should be there and are not. */
  readonly missing: { readonly hierarchy: Hierarchy; readonly directory: string }[] = [];

  /** @throws SilostatError ERR_NOT_FOUND when the primary directory has gone, ERR_ACCESS_DENIED. */
  constructor(hierarchies: Hierarchies, paths: CgroupPaths) {
    this.#hierarchies = hierarchies;
    this.primary = openPrimary(paths);
    for (const [hierarchy, reason] of paths.reasons) this.#places.set(hierarchy, reason);
    for (const [hierarchy, path] of paths.paths) {
      if (isRead(hierarchy) && hierarchy !== paths.primary) this.#places.set(hierarchy, this.#place(hierarchy, path));
    }
    this.#places.set(paths.primary, this.primary);
  }

  /** True where some hierarchy has no cgroup of this container, for whatever reason. */
  get isPartial(): boolean {
    return [...this.#places].some(([hierarchy, place]) => isRead(hierarchy) && !isPlaced(place));
  }

  get v2(): CgroupDirectory | undefined {
    const { v2 } = this.#hierarchies;
    const place = v2 === undefined ? undefined : this.#places.get(v2);
    return place !== undefined && isPlaced(place) ? place : undefined;
  }

  get hasVersion1(): boolean {
    return this.#hierarchies.v1.some((hierarchy) => {
      const place = this.#places.get(hierarchy);
      return place !== undefined && isPlaced(place);
    });
  }

  /** True where this host has the controller in version 1. */
  isVersion1(controller: string): boolean {
    return this.#hierarchies.byController.has(controller);
  }

  /** A version 1 controller's directory. */
  placeOf(controller: string): Place {
    const hierarchy = this.#hierarchies.byController.get(controller);
    const place = hierarchy === undefined ? undefined : this.#places.get(hierarchy);
    return place ?? { code: 'ERR_UNSUPPORTED', message: `the ${controller} controller is not mounted` };
  }

  letGo(): void {
    for (const place of this.#places.values()) if (isPlaced(place)) place.letGo();
  }

  close(): void {
    for (const place of this.#places.values()) if (isPlaced(place)) place.close();
  }

  #place(hierarchy: Hierarchy, path: string): Place {
    const directory = directoryOf(hierarchy, path);
    if (directory === undefined) {
      return { code: 'ERR_UNSUPPORTED', message: `cgroup ${path} does not lie below ${hierarchy.mountPoint}` };
    }
    try {
      return new CgroupDirectory(hierarchy, path, directory);
    } catch (error) {
      if (!isSilostatError(error)) throw error;
      if (error.code !== 'ERR_NOT_FOUND') return reasonOf(error);
      this.missing.push({ hierarchy, directory });
      return { code: 'ERR_UNSUPPORTED', message: `there is no directory ${directory}`, cause: error.cause };
    }
  }
}

/** True where figures are read of it. */
export function isRead(hierarchy: Hierarchy): boolean {
  return hierarchy.version === 2 || hierarchy.controllers.some((name) => figureControllers.has(name));
}

function openPrimary(paths: CgroupPaths): CgroupDirectory {
  const path = paths.paths.get(paths.primary) ?? '/';
  return new CgroupDirectory(paths.primary, path, directoryOf(paths.primary, path) ?? paths.primary.mountPoint);
}
