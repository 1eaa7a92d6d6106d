import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { awaited } from '../measure.ts';
import type { Target } from './libraries.ts';
import { libraries } from './libraries.ts';

/**
 * One library in a program of its own, where it pays for nobody else's garbage and threads. Arguments: NAME TARGET (JSON).
 * Each line of stdin is a number of samples, and is answered with a line of JSON: what each took, and the answer that came.
 */
export interface Turn {
  readonly ns: readonly number[];
  /** Absent where it does not tell. */
  readonly rss?: number;
}

const [, , name, target = ''] = process.argv;
const library = libraries.find((each) => each.name === name);
if (library === undefined) throw new Error(`there is no library ${name}`);
const { batch = 1, pauseMs = 0 } = library;
const read = await library.start(JSON.parse(target) as Target);
let rss: number | undefined;
const loop = awaited(library.name, async () => (rss = await read()), { batch });
for await (const line of createInterface({ input: process.stdin })) {
  const ns: number[] = [];
  for (let sample = 0; sample < Number(line); sample++) {
    if (pauseMs > 0) await delay(pauseMs);
    ns.push(...(await loop.sample(1)));
  }
  process.stdout.write(`${JSON.stringify({ ns, ...(rss !== undefined && { rss }) } satisfies Turn)}\n`);
}
// A library may keep the process alive.
process.exit();
