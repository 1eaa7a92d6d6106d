/**
 * What a host can be asked for: a source of figures, a right, or a feature.
 *
 * - `cgroups` (Linux): some hierarchy is mounted. `objects` (Windows): job objects can be found by their names.
 * - `open` (Windows): the job objects that were found can be opened.
 * - `memory`, `processor`, `storage`: those sections of Statistics. `limits`, `pressure` (Linux).
 * - `private working set`, `command lines` (Windows): of each process.
 * - `processes`: the processes of all containers can be seen. `engines`: the engines' records can be read, for names and images.
 * - `service` (Windows): HCS answers. `jobs`: job containers can be made.
 */
export type CapabilityName =
  | 'cgroups'
  | 'objects'
  | 'open'
  | 'memory'
  | 'processor'
  | 'storage'
  | 'limits'
  | 'pressure'
  | 'private working set'
  | 'command lines'
  | 'processes'
  | 'engines'
  | 'service'
  | 'jobs';

export interface Capability {
  readonly name: CapabilityName;
  /** `partly`: of some containers, or not all of it. `unknown`: there was nothing to try it on. */
  readonly state: 'yes' | 'partly' | 'no' | 'unknown';
  /** What was found, in one line. */
  readonly detail: string;
}

/** What this process can read on this host, and what it cannot. */
export interface Diagnosis {
  /** `win32` or `linux`, as Node has it. */
  readonly platform: string;
  /** Release of the kernel. */
  readonly release: string;
  readonly capabilities: readonly Capability[];
}
