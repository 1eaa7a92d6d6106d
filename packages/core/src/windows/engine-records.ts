import { join } from 'node:path';
import { readContainerdFacts } from '../engines/containerd.ts';
import { readDockerFacts } from '../engines/docker.ts';
import type { EngineFacts } from '../engines/facts.ts';
import { StateFolder } from '../engines/state-folder.ts';

/** Below containerd's state folder: the tasks of each of its namespaces. */
const tasks = 'io.containerd.runtime.v2.task';

/** Whose container it is, and what its engine wrote down about it. */
export interface RecordedFacts extends EngineFacts {
  /** "docker" or "containerd"; "" where neither knows it. */
  readonly owner: string;
}

const nothing: RecordedFacts = Object.freeze({ owner: '', problems: [] });

/** What the container engines of this host wrote down, where they keep it unless told otherwise. */
export class EngineRecords {
  readonly #docker: StateFolder;
  readonly #containerd: StateFolder;

  constructor(programData: string = process.env['ProgramData'] ?? 'C:\\ProgramData') {
    this.#docker = new StateFolder(join(programData, 'docker'));
    this.#containerd = new StateFolder(join(programData, 'containerd', 'state'));
  }

  /** Docker's own file first: it also has the names of what containerd runs for it. */
  factsOf(id: string): RecordedFacts {
    const docker = readDockerFacts(this.#docker, id);
    if (docker !== undefined) return { ...docker, owner: 'docker' };
    const containerd = readContainerdFacts(this.#containerd, tasks, id);
    return containerd === undefined ? nothing : { ...containerd, owner: 'containerd' };
  }
}
