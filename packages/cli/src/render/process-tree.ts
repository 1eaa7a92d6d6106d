import type { ProcessDetails, ProcessTreeEntry } from 'silostat';

/** One process with all that is known of it. */
export interface ProcessRow extends ProcessDetails, ProcessTreeEntry {}

/** A process where it stands in the tree. */
export interface TreeRow {
  readonly process: ProcessRow;
  /** The lines that lead to it from the left: `│  ├─ `; empty for a root. */
  readonly branch: string;
}

/** What the two lists say of the same processes; one that only the tree has is left out, it started or ended in between. */
export function processRows(
  processes: readonly ProcessDetails[],
  tree: readonly ProcessTreeEntry[] | undefined,
): ProcessRow[] {
  const entries = new Map((tree ?? []).map((entry) => [entry.ProcessId, entry]));
  return processes.map((process) => ({ ...process, ...entries.get(process.ProcessId) }));
}

/** Children below their parents, brothers and sisters in the order in which they came. Every process stands once. */
export function inTree(rows: readonly ProcessRow[]): TreeRow[] {
  const byPid = new Map(rows.map((row) => [row.ProcessId, row]));
  const children = new Map<number | undefined, ProcessRow[]>();
  for (const row of rows) {
    const parent = parentOf(row, byPid)?.ProcessId;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [row]);
    else siblings.push(row);
  }
  const placed: TreeRow[] = [];
  const seen = new Set<number>();
  for (const root of children.get(undefined) ?? []) place(root, children, seen, placed);
  // Who is his own ancestor, for what a pid that was used again made of it.
  for (const row of rows) if (!seen.has(row.ProcessId)) place(row, children, seen, placed);
  return placed;
}

/** On Windows the parent's id may be that of a younger process by now, which is nobody's parent. */
function parentOf(row: ProcessRow, byPid: ReadonlyMap<number, ProcessRow>): ProcessRow | undefined {
  const parent = row.ParentProcessId === undefined ? undefined : byPid.get(row.ParentProcessId);
  if (parent === undefined || parent === row) return undefined;
  const [born, bornParent] = [row.CreateTimestamp, parent.CreateTimestamp];
  return born !== undefined && bornParent !== undefined && bornParent > born ? undefined : parent;
}

interface Place {
  readonly row: ProcessRow;
  readonly branch: string;
  /** What stands before its children's branches. */
  readonly indent: string;
}

/** Without recursion: a chain of parents may be as long as there are processes. */
function place(
  root: ProcessRow,
  children: ReadonlyMap<number | undefined, readonly ProcessRow[]>,
  seen: Set<number>,
  placed: TreeRow[],
): void {
  const stack: Place[] = [{ row: root, branch: '', indent: '' }];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at.row.ProcessId)) continue;
    seen.add(at.row.ProcessId);
    placed.push({ process: at.row, branch: at.branch });
    const below = (children.get(at.row.ProcessId) ?? []).filter(({ ProcessId }) => !seen.has(ProcessId));
    for (const [index, row] of [...below].reverse().entries()) {
      const [corner, line] = index === 0 ? ['└─ ', '   '] : ['├─ ', '│  '];
      stack.push({ row, branch: `${at.indent}${corner}`, indent: `${at.indent}${line}` });
    }
  }
}
