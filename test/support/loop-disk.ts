import { closeSync, openSync, writeSync } from 'node:fs';
import { mustRun } from './command.ts';
import { compiled } from './compile.ts';
import { scratchFolder } from './scratch.ts';
import type { Undo } from './undo.ts';

/** A loop disk of our own. */
export interface LoopDisk {
  path: string;
  major: number;
  minor: number;
}

/** Makes a loop disk that was never used, over a file of this size that has all its blocks. */
export function makeLoopDisk(undo: Undo, mebibytes: number): LoopDisk {
  const backing = `${scratchFolder(undo)}/disk`;
  const file = openSync(backing, 'w');
  const block = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < mebibytes; i++) writeSync(file, block);
  closeSync(file);
  const tool = compiled('loop-disk.c');
  const [index = '', device = '', path = ''] = mustRun(tool, ['add', backing]).trim().split(' ');
  undo.add(() => mustRun(tool, ['remove', index]));
  const [major, minor] = device.split(':').map(Number);
  return { path, major: major ?? Number.NaN, minor: minor ?? Number.NaN };
}
