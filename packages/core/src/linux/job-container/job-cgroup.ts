import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { ComputeSystem } from '../../compute-system.ts';
import { SilostatError } from '../../errors.ts';
import type { JobContainer, JobContainerOptions } from '../../job-container.ts';
import { startingNow } from '../../start-time.ts';
import { openCgroupJobAccess } from '../cgroup/cgroup.ts';
import type { Hierarchies, Hierarchy } from '../mounts.ts';
import { spawnBehindGate } from './gate.ts';
import { JobDirectories } from './job-directories.ts';
import { endAll, waitUntilEmpty } from './job-end.ts';
import { commandLineOf, findProgram } from './program.ts';

const idShape = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/**
 * Makes a job container: the cgroup `/silostat/<id>`.
 * @throws SilostatError ERR_INVALID_ARGUMENT before anything is looked at, ERR_ALREADY_EXISTS, ERR_ACCESS_DENIED,
 * ERR_UNSUPPORTED.
 */
export function createJobCgroup(options: JobContainerOptions, readHierarchies: () => Hierarchies): JobContainer {
  const id: unknown = options.id ?? randomBytes(6).toString('hex');
  if (typeof id !== 'string' || !idShape.test(id)) {
    throw new SilostatError('ERR_INVALID_ARGUMENT', {
      subject: String(id).slice(0, 200),
      operation: 'create job container',
      reason: 'an id has 1 to 128 letters, digits and _ . - and begins with a letter or digit',
    });
  }
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
  readonly #directories: JobDirectories;
  #closing: Promise<void> | undefined;

  constructor(id: string, directories: JobDirectories, system: ComputeSystem) {
    this.id = id;
    this.system = system;
    this.#directories = directories;
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

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    this.system.close();
    try {
      await this.terminate();
    } finally {
      await this.#directories.remove(this.id);
    }
  }
}
