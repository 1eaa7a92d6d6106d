import type { Bench, BenchResult, Check } from './harness.ts';
import { fullEffort, smokeEffort } from './harness.ts';
import { windowsPrivateWorkingSet } from './windows-private-working-set.ts';

/**
 * npm run bench [-- [--check] [--smoke] [NAME…]]
 *
 * --check: exit 1 when a stated ratio does not hold. --smoke: only shows that everything runs.
 */
const benches: readonly Bench[] = [windowsPrivateWorkingSet];

/** A busy machine spoils a run now and then: a check that fails is measured anew, so often. */
const mostRuns = 3;

const options = process.argv.slice(2);
const check = options.includes('--check');
const smoke = options.includes('--smoke');
const names = options.filter((option) => !option.startsWith('--'));

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
  }
}

async function runBench(bench: Bench): Promise<void> {
  for (let run = 1; ; run++) {
    const result = await bench.run(smoke ? smokeEffort : fullEffort);
    print(result);
    const failed = result.checks.some(({ holds }) => !holds);
    if (!failed || smoke) return;
    if (!check || run === mostRuns) {
      if (check) process.exitCode = 1;
      return;
    }
    console.log(`  measured anew (run ${run + 1} of ${mostRuns}):`);
  }
}

function print({ rows, checks }: BenchResult): void {
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, medianNs, note } of rows) {
    const microseconds = (medianNs / 1000).toFixed(1).padStart(10);
    console.log(`  ${name.padEnd(width)} ${microseconds} µs${note === undefined ? '' : `   ${note}`}`);
  }
  for (const line of checks) console.log(`  ${lineOf(line)}`);
}

function lineOf({ what, value, limit, holds }: Check): string {
  const verdict = smoke ? 'not judged' : holds ? 'holds' : 'DOES NOT HOLD';
  return `${what}: ${value.toFixed(3)} (${limit}) ${verdict}`;
}

await main();
