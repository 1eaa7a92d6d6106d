import { isSilostatError } from '../errors.ts';
import { readDirectory } from './object-directory.ts';
import { globalDirectory, isContainerId, sessionDirectory } from './object-name.ts';
import { isOwnerTrusted } from './object-owner.ts';

/** A job object whose name says that it is a container. */
export interface NamedJob {
  readonly id: string;
  /** NT path. */
  readonly path: string;
  /** Who names jobs so: "silostat", or "" where the name does not tell. */
  readonly owner: string;
  /** True where the name is that of a container's silo, which HCS makes. */
  readonly isSilo: boolean;
  /** False when neither SYSTEM nor an administrator owns it; undefined when that cannot be told. */
  readonly verified: boolean | undefined;
}

interface Spelling {
  readonly prefix: string;
  readonly owner: string;
}

const root = '\\';
const sessions = '\\Sessions';
/** Silos of containers, which only the system can put into the root. */
const rootSpellings: readonly Spelling[] = [{ prefix: 'Container_', owner: '' }];
const namedSpellings: readonly Spelling[] = [
  { prefix: 'JobContainer_', owner: '' },
  { prefix: 'silostat_', owner: 'silostat' },
];

/**
 * The silos and job containers of this host, found by the names in the object directories: no service is asked.
 * @throws SilostatError where a directory that always is there cannot be read
 */
export function findNamedJobs(): NamedJob[] {
  return [
    ...jobsIn(root, rootSpellings),
    ...jobsIn(globalDirectory, namedSpellings),
    ...sessionDirectories().flatMap((directory) => jobsInSession(directory)),
  ];
}

/** The job object at an NT path, whether it exists or not. One that is not called as a container is has its name for an id. */
export function namedJobAt(path: string): NamedJob {
  const at = path.lastIndexOf('\\');
  const name = path.slice(at + 1);
  const isInRoot = at === 0;
  const spelling = (isInRoot ? rootSpellings : namedSpellings).find((candidate) => spells(candidate, name));
  if (spelling === undefined) return { id: name, path, owner: '', isSilo: false, verified: undefined };
  return { id: name.slice(spelling.prefix.length), path, owner: spelling.owner, isSilo: isInRoot, verified: undefined };
}

function jobsIn(directory: string, spellings: readonly Spelling[]): NamedJob[] {
  const found = readDirectory(
    directory,
    ({ type, name }) => type === 'Job' && spellings.some((spelling) => spells(spelling, name)),
  );
  return found.flatMap(({ name }) => {
    const spelling = spellings.find((candidate) => spells(candidate, name));
    return spelling === undefined ? [] : [namedJob(directory, name, spelling)];
  });
}

function namedJob(directory: string, name: string, { prefix, owner }: Spelling): NamedJob {
  const path = directory === root ? `${root}${name}` : `${directory}\\${name}`;
  const verified = isVerified(directory, isOwnerTrusted(path));
  return { id: name.slice(prefix.length), path, owner, isSilo: directory === root, verified };
}

/** Whoever hides the owner of a job, where any user may make one, has not shown that it is a container's. */
export function isVerified(directory: string, ownerIsTrusted: boolean | undefined): boolean | undefined {
  return ownerIsTrusted ?? (directory === root ? undefined : false);
}

function spells({ prefix }: Spelling, name: string): boolean {
  return name.startsWith(prefix) && isContainerId(name.slice(prefix.length));
}

/** Session 0 has the global directory. */
function sessionDirectories(): string[] {
  try {
    const numbers = readDirectory(sessions, ({ name }) => /^[1-9]\d*$/.test(name));
    return numbers.map(({ name }) => sessionDirectory(Number(name)));
  } catch (error) {
    return unlessClosedToUs(error);
  }
}

function jobsInSession(directory: string): NamedJob[] {
  try {
    return jobsIn(directory, namedSpellings);
  } catch (error) {
    return unlessClosedToUs(error);
  }
}

/** Other users' sessions are closed to whoever is no administrator, and a session may end meanwhile. */
function unlessClosedToUs(error: unknown): [] {
  if (isSilostatError(error) && (error.code === 'ERR_NOT_FOUND' || error.code === 'ERR_ACCESS_DENIED')) return [];
  throw error;
}
