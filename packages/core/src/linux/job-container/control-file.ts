import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** Writes a control file of a cgroup in one write, which is how the kernel takes it. */
export function writeControl(file: string, text: string): void {
  const fd = openSync(file, constants.O_WRONLY);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

/** Not every kernel has every file (cgroup.kill since 5.14, cgroup.freeze since 5.2), and the job may have gone. */
export function tryWriteControl(file: string, text: string): void {
  try {
    writeControl(file, text);
  } catch {
    // What is left is seen in the next look.
  }
}
