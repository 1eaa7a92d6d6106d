import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benches } from './benches.ts';
import { runChild } from './child.ts';
import type { Bench, BenchResult } from './harness.ts';
import { textOf } from './render.ts';
import { writeResult } from './results.ts';
import { writeSummary } from './summary.ts';

/**
 * npm run bench [-- [--check] [--smoke] [NAME…]]
 *
 * --check: exit 1 when a stated ratio does not hold. --smoke: only shows that everything runs. A full run writes its tables to
 * bench/results, and what the README shows of them.
 */
const options = process.argv.slice(2);
const check = options.includes('--check');
const smoke = options.includes('--smoke');
const names = options.filter((option) => !option.startsWith('--'));
const runOne = fileURLToPath(new URL('./run-one.js', import.meta.url));

/** A busy machine spoils a run now and then: a check that fails is measured anew, so often. */
const mostRuns = 3;

async function main(): Promise<void> {
  const unknown = options.find((option) => option.startsWith('--') && option !== '--check' && option !== '--smoke');
  const nameless = names.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined || nameless !== undefined) {
    console.error(`usage: npm run bench [-- [--check] [--smoke] [${benches.map(({ name }) => name).join('|')}]]`);
    process.exitCode = 2;
    return;
  }
  for (const bench of benches) {
    if (names.length > 0 && !names.includes(bench.name)) continue;
    console.log(`\n${bench.title}`);
    const reason = bench.unavailable();
    if (reason === undefined) await runBench(bench);
    else console.log(`  left out: ${reason}`);
    if (Number(process.exitCode ?? 0) > 128) return;
  }
}

async function runBench(bench: Bench): Promise<void> {
  for (let run = 1; ; run++) {
    const result = await resultOf(bench);
    if (typeof result === 'string') {
      console.log(`  FAILED: ${result}`);
      process.exitCode ??= 1;
      return;
    }
    console.log(textOf(result, !smoke));
    if (smoke) return;
    const failed = result.checks.some(({ holds }) => !holds);
    if (failed && check && run < mostRuns) {
      console.log(`  measured anew (run ${run + 1} of ${mostRuns}):`);
      continue;
    }
    writeResult(bench, result);
    writeSummary();
    if (failed && check) process.exitCode = 1;
    return;
  }
}

/** What it measured, or why it did not. */
async function resultOf(bench: Bench): Promise<BenchResult | string> {
  const folder = mkdtempSync(join(tmpdir(), 'silostat-bench-'));
  try {
    const file = join(folder, 'result.json');
    const [program = '', ...args] = [...pinned(), process.execPath, runOne, bench.name, smoke ? 'smoke' : 'full', file];
    const failure = await runChild(program, args, bench.seconds[smoke ? 'smoke' : 'full']);
    return failure ?? (JSON.parse(readFileSync(file, 'utf8')) as BenchResult);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All on one processor, what it starts included: else each answer waits for another processor to wake up. */
function pinned(): string[] {
  return process.platform === 'linux' ? ['taskset', '-c', String(availableParallelism() - 1)] : [];
}

await main();
