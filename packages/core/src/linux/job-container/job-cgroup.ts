import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { ComputeSystem } from '../../compute-system.ts';
import { SilostatError } from '../../errors.ts';
import { JobAnswers } from '../../job-answers.ts';
import type { JobContainer, JobContainerOptions, StartedProcesses } from '../../job-container.ts';
import { checkedJobOptions } from '../../job-options.ts';
import type { PropertyType } from '../../schema/property-type.ts';
import { startingNow } from '../../start-time.ts';
import { openCgroupJobAccess } from '../cgroup/cgroup.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { spawnBehindGate } from './gate.ts';
import { JobDirectories } from './job-directories.ts';
import { endAll, shutDown, waitUntilEmpty } from './job-end.ts';
import { commandLineOf, findProgram } from './program.ts';

/** All that the kernel tells of a cgroup. */
const kernelTypes: readonly PropertyType[] = ['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux'];
const shutdownMs = 10_000;

/**
 * Makes a job container: the cgroup `/silostat/<id>`.
 * @throws SilostatError ERR_INVALID_ARGUMENT before anything is looked at, ERR_ALREADY_EXISTS, ERR_ACCESS_DENIED,
 * ERR_UNSUPPORTED.
 */
export function createJobCgroup(options: JobContainerOptions, readHierarchies: () => Hierarchies): JobContainer {
  const { id } = checkedJobOptions(options);
  const hierarchies = readHierarchies();
  const directories = JobDirectories.make(hierarchies, id);
  return new JobCgroup(id, directories, systemOf(id, directories.paths, hierarchies));
}

function systemOf(id: string, paths: ReadonlyMap<Hierarchy, string>, hierarchies: Hierarchies): ComputeSystem {
  const enginePaths = new Map<string, string>();
  for (const [{ version, controllers }, path] of paths) {
    for (const controller of version === 2 ? [''] : controllers) enginePaths.set(controller, path);
  }
  const [path = ''] = paths.values();
  return new ComputeSystem({
    identity: { Id: id, SystemType: 'Container', RuntimeOsType: 'Linux', Owner: 'silostat' },
    jobs: openCgroupJobAccess({ hierarchies, path, enginePaths, hasAllPaths: true }),
    startTime: startingNow('the clock when the job container was made'),
  });
}

class JobCgroup implements JobContainer {
  readonly id: string;
  readonly system: ComputeSystem;
  readonly properties: JobAnswers['properties'];
  readonly query: JobAnswers['query'];
  readonly #directories: JobDirectories;
  readonly #answers: JobAnswers;
  #closing: Promise<void> | undefined;

  constructor(id: string, directories: JobDirectories, system: ComputeSystem) {
    this.id = id;
    this.system = system;
    this.#directories = directories;
    this.#answers = new JobAnswers(system, kernelTypes);
    this.properties = (types, options) => this.#answers.properties(types, options);
    this.query = (types, options) => this.#answers.query(types, options);
  }

  started(): StartedProcesses {
    return { absent: { code: 'ERR_UNSUPPORTED', message: 'the kernel does not count the processes of a cgroup' } };
  }

  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    if (this.#closing !== undefined) {
      throw new SilostatError('ERR_CLOSED', {
        subject: this.id,
        operation: 'run a command in',
        reason: 'it is closed',
      });
    }
    const commandLine = commandLineOf(command, args, options);
    findProgram(commandLine, options);
    return spawnBehindGate(commandLine, options, (pid) => this.#directories.join(pid, this.id));
  }

  wait(): Promise<void> {
    return waitUntilEmpty(this.#directories);
  }

  terminate(): Promise<void> {
    return endAll(this.#directories, this.id);
  }

  async shutdown(deadlineMs = shutdownMs): Promise<boolean> {
    return shutDown(this.#directories, this.id, deadlineMs);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    try {
      await this.terminate();
    } finally {
      await this.#answers.end();
      this.system.close();
      await this.#directories.remove(this.id);
    }
  }
}
