import { isSilostatError } from '../../errors.ts';
import { isPopulated } from '../cgroup/cgroup.ts';
import type { CgroupNode } from './cgroup-tree.ts';
import type { Notification, Notifications } from './notifications.ts';

/** Tells when the first process comes into a cgroup, and when the last one has ended. Version 1 does not tell. */
export class PopulationWatch {
  readonly #notifications: Notifications;
  readonly #watches = new Map<CgroupNode, Notification>();

  constructor(notifications: Notifications) {
    this.#notifications = notifications;
  }

  watch(node: CgroupNode, listener: (isPopulated: boolean) => void): void {
    if (node.hierarchy.version !== 2) return;
    let last: boolean | undefined;
    const watch = this.#notifications.watch(`${node.directory}/cgroup.events`, () => {
      const now = populationOf(node);
      if (now === undefined || now === last) return;
      last = now;
      listener(now);
    });
    if (watch !== undefined) this.#watches.set(node, watch);
  }

  forget(node: CgroupNode): void {
    this.#watches.get(node)?.close();
    this.#watches.delete(node);
  }
}

/** undefined when the cgroup has gone. */
function populationOf({ directory }: CgroupNode): boolean | undefined {
  try {
    return isPopulated(directory);
  } catch (error) {
    if (isSilostatError(error)) return undefined;
    throw error;
  }
}
