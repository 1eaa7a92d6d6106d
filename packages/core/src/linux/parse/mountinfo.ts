import { malformed } from './malformed.ts';

/** One line of /proc/PID/mountinfo, as far as it matters here. */
export interface MountEntry {
  /** The directory of the file system that is mounted; for cgroups as in /proc/PID/cgroup (`/`, `/docker/<id>`, `/..`). */
  readonly root: string;
  readonly mountPoint: string;
  readonly fsType: string;
  /** Options of the file system itself: for cgroup v1 its controllers are among them. */
  readonly superOptions: readonly string[];
}

/**
 * Parses mountinfo: `ID PARENT MAJ:MIN ROOT MOUNTPOINT OPTIONS [TAGS...] - TYPE SOURCE SUPEROPTIONS`.
 * @throws SilostatError ERR_PARSE
 */
export function parseMountinfo(bytes: Uint8Array, length: number, file: string): MountEntry[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    if (line !== '') entries.push(parseLine(line, file));
  }
  return entries;
}

function parseLine(line: string, file: string): MountEntry {
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 6);
  const root = fields[3];
  const mountPoint = fields[4];
  const fsType = fields[dash + 1];
  if (dash < 0 || root === undefined || mountPoint === undefined || fsType === undefined) {
    throw malformed(file, `the line ${JSON.stringify(line.slice(0, 200))}`);
  }
  // A source may be empty, and then two spaces follow each other: the options are what is last.
  const superOptions = fields.length > dash + 2 ? (fields.at(-1) ?? '').split(',') : [];
  return { root: unescaped(root), mountPoint: unescaped(mountPoint), fsType, superOptions };
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
