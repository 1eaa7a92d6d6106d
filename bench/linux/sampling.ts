import { subscribe } from 'node:diagnostics_channel';
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { openComputeSystem, Sampler } from '#core/index.js';

/**
 * A program that does nothing but sample, for the benchmark of many containers: started with the number of its rounds, and
 * the cgroup paths on stdin, one a line. Without any path it is the idle control, which watches the event loop instead.
 * Writes a line of JSON after each round.
 */
export interface SampledRound {
  /** Processor time since the line before, in microseconds, all threads. */
  readonly cpuUs: number;
  /** From the beginning of the round to its end. */
  readonly wallUs: number;
  readonly rssBytes: number;
  readonly descriptors: number;
  /** How many containers were read. */
  readonly read: number;
  /** Each stretch of this round during which nothing else could run in this program. */
  readonly stretches: readonly Stretch[];
  /** The idle control: how late its timers were, in microseconds, but for one of 100. */
  readonly lateUs: number;
}

export interface Stretch {
  readonly wallUs: number;
  /** How much of it this process had a processor; the rest is what others did on the machine. */
  readonly cpuUs: number;
}

const intervalMs = 1000;
const [, , rounds = '1'] = process.argv;

/** From the end of the first query of a turn of the event loop to the end of that turn. */
class Stretches {
  #taken: Stretch[] = [];
  #isBegun = false;

  take(): Stretch[] {
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }

  note(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    setImmediate(() => {
      const { user, system } = process.cpuUsage(cpu);
      this.#taken.push({ wallUs: (performance.now() - wall) * 1000, cpuUs: user + system });
      this.#isBegun = false;
    });
  }
}

async function readPaths(): Promise<string[]> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  return text.split('\n').filter((line) => line !== '');
}

async function main(): Promise<void> {
  const paths = await readPaths();
  const sampler = new Sampler({ intervalMs });
  for (const path of paths) sampler.add(await openComputeSystem(path));
  const stretches = new Stretches();
  subscribe('silostat:query', () => stretches.note());
  const lateness = monitorEventLoopDelay({ resolution: 1 });
  // It costs processor time itself.
  if (paths.length === 0) lateness.enable();
  let cpu = process.cpuUsage();
  for (let round = 0; round < Number(rounds); round++) {
    const began = performance.now();
    const { samples } = await sampler.sample();
    stretches.note();
    const wallMs = performance.now() - began;
    await delay(intervalMs - wallMs);
    const now = process.cpuUsage();
    const line: SampledRound = {
      cpuUs: now.user - cpu.user + now.system - cpu.system,
      wallUs: wallMs * 1000,
      rssBytes: process.memoryUsage.rss(),
      descriptors: readdirSync('/proc/self/fd').length,
      read: samples.filter(({ state }) => state === 'read').length,
      stretches: stretches.take(),
      lateUs: lateness.percentile(99) / 1000,
    };
    // Counting thousands of descriptors costs much more than sampling.
    cpu = process.cpuUsage();
    lateness.reset();
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  sampler.stop();
}

await main();
