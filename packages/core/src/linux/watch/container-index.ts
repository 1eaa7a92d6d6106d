import type { CgroupsSeen } from '../cgroup/cgroup.ts';
import type { Classified, FoundCgroup } from '../containers/discovery.ts';
import type { Hierarchy } from '../mounts.ts';
import type { CgroupNode } from './cgroup-tree.ts';

/** One container, from its first cgroup until its last has gone; started again under the same id it is another. */
export interface Incarnation extends FoundCgroup {
  /** Its cgroups that are there now. */
  readonly nodes: ReadonlyMap<Hierarchy, CgroupNode>;
  readonly seen: CgroupsSeen;
}

interface Open extends Incarnation {
  readonly nodes: Map<Hierarchy, CgroupNode>;
  /** Of all cgroups that it has had, as `paths` is. */
  readonly inodes: Map<Hierarchy, bigint>;
}

/** Brings together the cgroups of one container in several hierarchies, as they come and go. */
export class ContainerIndex {
  readonly #byName = new Map<string, Open[]>();
  readonly #byNode = new Map<CgroupNode, Open>();

  of(node: CgroupNode): Incarnation | undefined {
    return this.#byNode.get(node);
  }

  /** @returns the container if it is a new one; undefined where it only has one more cgroup */
  add(node: CgroupNode, classified: Classified): Incarnation | undefined {
    const alike = this.#byName.get(nameOf(classified)) ?? [];
    // The same name twice in one hierarchy is two containers, one perhaps within the other's.
    // And one that is there although it had gone is another, while the rest of the old one still is being removed.
    const open = alike.filter(({ paths }) => !paths.has(node.hierarchy));
    const known = open.find(({ paths }) => [...paths.values()].includes(node.path)) ?? open[0];
    const container = known ?? begin(classified);
    container.paths.set(node.hierarchy, node.path);
    container.nodes.set(node.hierarchy, node);
    container.inodes.set(node.hierarchy, node.inode);
    this.#byNode.set(node, container);
    if (known !== undefined) return undefined;
    this.#byName.set(nameOf(classified), [...alike, container]);
    return container;
  }

  /** @returns the container if that was the last of its cgroups */
  remove(node: CgroupNode): Incarnation | undefined {
    const container = this.#byNode.get(node);
    if (container === undefined) return undefined;
    this.#byNode.delete(node);
    container.nodes.delete(node.hierarchy);
    if (container.nodes.size > 0) return undefined;
    const name = nameOf(container);
    const others = (this.#byName.get(name) ?? []).filter((each) => each !== container);
    if (others.length > 0) this.#byName.set(name, others);
    else this.#byName.delete(name);
    return container;
  }
}

function begin(classified: Classified): Open {
  const inodes = new Map<Hierarchy, bigint>();
  return {
    ...classified,
    paths: new Map(),
    nodes: new Map(),
    inodes,
    seen: {
      has: (hierarchy) => inodes.has(hierarchy),
      isIts: (hierarchy, inode) => (inodes.get(hierarchy) ?? inode) === inode,
    },
  };
}

function nameOf({ owner, id }: Classified): string {
  return `${owner}\n${id}`;
}
