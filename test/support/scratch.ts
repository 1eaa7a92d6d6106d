import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testPrefix } from './sweep.ts';
import type { Undo } from './undo.ts';

/** A temporary folder that goes with `undo`. Everybody may look into it: some tests are other users. */
export function scratchFolder(undo: Undo): string {
  const folder = mkdtempSync(join(tmpdir(), `${testPrefix}-${process.pid}-`));
  chmodSync(folder, 0o755);
  undo.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
