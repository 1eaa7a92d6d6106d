import { isGone } from '../../errors.ts';
import type { FoundSystem, SystemWatch, WatchListener } from '../../system-watch.ts';
import { readPids } from '../cgroup/cgroup.ts';
import { classifyContainer, RuntimeClaims } from '../containers/claims.ts';
import { containerOfPath, unitOfPath } from '../containers/containers.ts';
import type { Classified } from '../containers/discovery.ts';
import type { EngineFolders } from '../containers/engines/folders.ts';
import type { Records } from '../containers/engines/records.ts';
import { EngineRecords, noRecords } from '../containers/engines/records.ts';
import { RuntimeStates } from '../containers/engines/runtime-states.ts';
import { openContainer } from '../containers/open-container.ts';
import { summaryOf } from '../containers/summary.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { inOrder } from '../mounts.ts';
import type { CgroupNode } from './cgroup-tree.ts';
import { CgroupTree } from './cgroup-tree.ts';
import type { Incarnation } from './container-index.ts';
import { ContainerIndex } from './container-index.ts';
import { Notifications } from './notifications.ts';
import { PopulationWatch } from './population-watch.ts';

export interface WatchedHost {
  readonly hierarchies: Hierarchies;
  readonly folders: EngineFolders;
  /** Also systemd's units. */
  readonly all: boolean;
}

/** How often everything is looked at, though the kernel tells what changes; milliseconds. */
const lookAtAllMs = 60_000;
/** A runtime writes down what it has made some time after it has made it; milliseconds. */
const stateDelayMs = 100;

/** Follows a host's containers: the kernel tells which cgroups come and go, their paths and the engines' files whose they are. */
export class ContainerWatch implements SystemWatch {
  readonly #host: WatchedHost;
  readonly #listener: WatchListener;
  readonly #notifications: Notifications;
  readonly #populations: PopulationWatch;
  readonly #tree: CgroupTree;
  readonly #index = new ContainerIndex();
  readonly #states: RuntimeStates;
  #claims: RuntimeClaims;
  /** What nobody has claimed so far. */
  readonly #unclaimed = new Set<CgroupNode>();
  /** Found, and not told yet. */
  readonly #pending = new Set<Incarnation>();
  /** There from the beginning, without a process. */
  readonly #dormant = new Set<Incarnation>();
  readonly #told = new Map<Incarnation, FoundSystem>();
  #lookedAtAllAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isFlushDue = false;
  #areStatesFresh = false;
  #closed = false;

  constructor(host: WatchedHost, listener: WatchListener) {
    const { hierarchies, folders } = host;
    this.#host = host;
    this.#listener = listener;
    this.#states = new RuntimeStates(folders, hierarchies);
    this.#claims = new RuntimeClaims([]);
    this.#notifications = new Notifications(() => this.#lookAtAll(), hierarchies.proc.root);
    this.#populations = new PopulationWatch(this.#notifications);
    this.#tree = new CgroupTree(watchedOf(hierarchies), this.#notifications, {
      appeared: (node) => this.#appeared(node),
      vanished: (node) => this.#vanished(node),
    });
  }

  async look(): Promise<void> {
    if (this.#closed) return;
    if (this.#lookedAtAllAt === undefined || performance.now() - this.#lookedAtAllAt > lookAtAllMs) this.#lookAtAll();
    else {
      this.#tree.lookAtUnwatched();
      this.#lookAtStates();
      this.#wake();
      this.#flush();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#notifications.close();
    this.#pending.clear();
  }

  #lookAtAll(): void {
    if (this.#closed) return;
    const isFirst = this.#lookedAtAllAt === undefined;
    this.#lookAtStates();
    this.#tree.lookAtAll();
    this.#lookedAtAllAt = performance.now();
    if (isFirst) this.#putToSleep();
    this.#flush();
  }

  #appeared(node: CgroupNode): void {
    this.#refreshStates();
    const classified = this.#classify(node);
    if (classified !== undefined) {
      this.#take(node, classified);
      return;
    }
    this.#unclaimed.add(node);
    this.#expectState();
  }

  #classify({ hierarchy, path }: CgroupNode): Classified | undefined {
    const container = classifyContainer(hierarchy, path, this.#claims);
    if (container !== undefined || !this.#host.all) return container;
    const isUnit = unitOfPath(path) !== undefined && containerOfPath(path) === undefined;
    return isUnit ? { role: 'unit', id: path, owner: 'systemd' } : undefined;
  }

  #take(node: CgroupNode, classified: Classified): void {
    const begun = this.#index.add(node, classified);
    if (begun !== undefined) {
      this.#pending.add(begun);
      this.#expectFlush();
    }
    const container = begun ?? this.#index.of(node);
    if (container !== undefined)
      this.#populations.watch(node, (isPopulated) => this.#populated(container, isPopulated));
  }

  #vanished(node: CgroupNode): void {
    this.#unclaimed.delete(node);
    this.#populations.forget(node);
    const gone = this.#index.remove(node);
    if (gone === undefined || this.#dormant.delete(gone)) return;
    if (this.#pending.delete(gone)) {
      this.#listener.passed(this.#foundSystem(gone, noRecords));
      return;
    }
    const found = this.#told.get(gone);
    this.#told.delete(gone);
    if (found !== undefined) this.#listener.ended(found);
  }

  #populated(container: Incarnation, isPopulated: boolean): void {
    if (isPopulated && this.#dormant.delete(container)) this.#pending.add(container);
    if (this.#pending.has(container)) this.#flush();
    const found = this.#told.get(container);
    if (found === undefined) return;
    if (isPopulated) this.#listener.filled(found);
    else this.#listener.emptied(found);
  }

  /** What is there from the beginning without a process is left over, or not begun: nobody wants to see it. */
  #putToSleep(): void {
    for (const container of this.#pending) {
      if (container.role === 'job' || hasProcesses(container)) continue;
      this.#pending.delete(container);
      this.#dormant.add(container);
    }
  }

  #wake(): void {
    for (const container of this.#dormant) {
      if (!hasProcesses(container)) continue;
      this.#dormant.delete(container);
      this.#pending.add(container);
    }
  }

  #lookAtStates(): void {
    if (!this.#states.look()) return;
    this.#claims = new RuntimeClaims(this.#states.states);
    for (const node of this.#unclaimed) {
      const classified = this.#classify(node);
      if (classified === undefined) continue;
      this.#unclaimed.delete(node);
      this.#take(node, classified);
    }
  }

  /** Once for all that the kernel has to tell at the moment. */
  #refreshStates(): void {
    if (this.#areStatesFresh) return;
    this.#areStatesFresh = true;
    setImmediate(() => {
      this.#areStatesFresh = false;
    }).unref();
    this.#lookAtStates();
  }

  /** Tells once all is told that the kernel has to tell at the moment: a container shows in several hierarchies. */
  #expectFlush(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      if (!this.#closed) this.#flush();
    }).unref();
  }

  #expectState(): void {
    if (this.#timer !== undefined || this.#lookedAtAllAt === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#lookAtStates();
      // After a timer nothing else may happen for long, and then not even what is set for the end of the turn.
      this.#flush();
    }, stateDelayMs).unref();
  }

  #flush(): void {
    if (this.#pending.size === 0) return;
    const records = this.#records();
    for (const container of [...this.#pending]) {
      this.#pending.delete(container);
      const found = this.#foundSystem(container, records);
      this.#told.set(container, found);
      this.#listener.found(found);
    }
  }

  #records(): EngineRecords {
    const { hierarchies, folders } = this.#host;
    return new EngineRecords(folders, hierarchies, this.#states.states);
  }

  #foundSystem(container: Incarnation, records: Records): FoundSystem {
    const { hierarchies } = this.#host;
    const cgroup = { ...container, paths: inTheirOrder(container, hierarchies) };
    return {
      summary: summaryOf(cgroup, records, hierarchies),
      system: openContainer(cgroup, { hierarchies, records }, container.seen),
    };
  }
}

/**
 * One hierarchy of each version: an engine makes a container's cgroup in all of version 1, and each that is watched costs
 * time whenever one comes or goes. Where the others have it is looked up when it is read.
 */
function watchedOf({ v1, v2 }: Hierarchies): Hierarchy[] {
  const one = v1.find(({ controllers }) => controllers.includes('memory')) ?? v1[0];
  return [v2, one].filter((hierarchy) => hierarchy !== undefined);
}

/** Its paths as a list would have found them: v2's first, which names it. */
function inTheirOrder({ paths }: Incarnation, hierarchies: Hierarchies): Map<Hierarchy, string> {
  const ranks = inOrder(hierarchies);
  return new Map([...paths].sort(([a], [b]) => ranks.indexOf(a) - ranks.indexOf(b)));
}

function hasProcesses({ nodes }: Incarnation): boolean {
  for (const { hierarchy, path } of nodes.values()) {
    try {
      const { pids, hidden } = readPids(hierarchy, path);
      if (pids.length + hidden > 0) return true;
    } catch (error) {
      // Not to be read: then it is not known to be empty.
      if (!isGone(error)) return true;
    }
  }
  return false;
}
