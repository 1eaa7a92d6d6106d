import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Undo } from '#test/support/undo.js';
import type { Contestant } from '../measure.ts';
import type { Library, Target } from './libraries.ts';
import { folder } from './libraries.ts';
import type { Turn } from './library-loop.ts';

const loop = fileURLToPath(new URL('./library-loop.js', import.meta.url));

/** A library in a process of its own that is asked for turns (library-loop.ts). While another one has its turn, it sleeps. */
export class LibraryProcess implements Contestant {
  readonly name: string;
  readonly #isSlow: boolean;
  readonly #child: ReturnType<typeof spawn>;
  readonly #answers: AsyncIterator<string>;
  #rss: number | undefined;

  constructor(undo: Undo, { name, isSlow = false }: Pick<Library, 'name' | 'isSlow'>, command: readonly string[]) {
    const [program = '', ...args] = command;
    this.name = name;
    this.#isSlow = isSlow;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    undo.add(() => void this.#child.kill('SIGKILL'));
    const { stdout } = this.#child;
    if (stdout === null) throw new Error(`${name} has no pipe`);
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** The resident memory of its last answer, in bytes; undefined where it does not tell. */
  get rss(): number | undefined {
    return this.#rss;
  }

  /** Before what counts it reads half as often: it has slept, and what it needs is in no cache. */
  async sample(count: number): Promise<number[]> {
    const counted = this.#isSlow ? 1 : count;
    const uncounted = this.#isSlow ? 0 : Math.ceil(count / 2);
    this.#child.stdin?.write(`${uncounted + counted}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.name} has ended`);
    const { ns, rss } = JSON.parse(value) as Turn;
    this.#rss = rss;
    return ns.slice(uncounted);
  }

  async warmUp(): Promise<void> {
    await this.sample(500);
  }
}

export function inNode(undo: Undo, library: Library, target: Target): LibraryProcess {
  return new LibraryProcess(undo, library, [process.execPath, loop, library.name, JSON.stringify(target)]);
}

/** Python's own times: library beside library, without the pipe between. */
export function psutil(undo: Undo, { pids }: Target): LibraryProcess {
  const command = ['/usr/bin/python3', `${folder}/reading.py`, ...pids.map(String)];
  return new LibraryProcess(undo, { name: 'psutil (Python)' }, command);
}
