import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { compiledFrom } from '#test/support/compile.js';
import type { Undo } from '#test/support/undo.js';
import type { Contestant } from '../measure.ts';

/** What the C program reads: the figure files with the keys of their lines, and the folder whose cgroup.procs is listed. */
export interface FloorOptions {
  readonly figures: readonly string[];
  readonly procs?: string;
}

/** A C program that makes the same system calls as silostat (bench/c/linux-floor.c). Ends with `undo`. */
export class CFloor {
  readonly #child: ReturnType<typeof spawn>;
  readonly #answers: AsyncIterator<string>;

  constructor(undo: Undo, { figures, procs }: FloorOptions) {
    const swap = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1 ? ['--swap'] : [];
    const args = [...swap, ...(procs === undefined ? [] : ['--procs', procs])];
    this.#child = spawn(compiledFrom('bench/c', 'linux-floor.c'), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new Error('the C program has no pipes');
    undo.add(() => void this.#child.kill('SIGKILL'));
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
    for (const figure of figures) stdin.write(`open ${figure}\n`);
  }

  contestant(name: string, command: 'statistics' | 'processes', batch: number): Contestant {
    return { name, sample: async (count) => (await this.#ask<{ ns: number[] }>(`${command} ${count} ${batch}`)).ns };
  }

  async #ask<T>(command: string): Promise<T> {
    this.#child.stdin?.write(`${command}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the C program ended at "${command}"`);
    return JSON.parse(value) as T;
  }
}

/** The cgroup files that this process has open: what silostat keeps, and nobody else in a benchmark. */
export function keptFigureFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith('/sys/fs/cgroup/') ? [path] : [];
    } catch {
      // The descriptor of the folder itself.
      return [];
    }
  });
}

/**
 * The files with the lines that silostat takes from them, as its report tells: `cpu.stat usage_usec`. Only flat files have
 * such lines; the numbers of the others are taken as they come.
 */
export function withKeys(files: readonly string[], sources: Readonly<Record<string, string>>): string[] {
  return files.map((file) => {
    const name = file.slice(file.lastIndexOf('/') + 1);
    const keys = Object.values(sources).flatMap((source) =>
      source.startsWith(`${name} `) ? [source.split(' ')[1]] : [],
    );
    return name.endsWith('.stat') && name !== 'io.stat' && keys.length > 0 ? `${file}=${keys.join()}` : file;
  });
}
