import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Undo } from './undo.ts';

/** A temporary folder that goes with `undo`. */
export function scratchFolder(undo: Undo): string {
  const folder = mkdtempSync(join(tmpdir(), 'silostat-test-'));
  undo.add(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
