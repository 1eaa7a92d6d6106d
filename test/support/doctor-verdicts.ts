import assert from 'node:assert/strict';
import type { Properties } from 'silostat';
import type { Outcome } from './command.ts';

/** Runs the command line somewhere: as another user, in a container, ... */
export type RunThere = (args: readonly string[]) => Promise<Outcome>;

type Verdicts = Readonly<Record<string, string>>;

/** What `doctor` says there, by capability. */
export async function verdictsOf(run: RunThere): Promise<Verdicts> {
  const { code, stdout, stderr } = await run(['doctor', '--json']);
  assert.deepEqual([code, stderr], [0, '']);
  const { Capabilities }: { Capabilities: { Name: string; State: string; Lost?: string }[] } = JSON.parse(stdout);
  for (const { State, Lost } of Capabilities) assert.equal(Lost !== undefined, State === 'no' || State === 'partly');
  return Object.fromEntries(Capabilities.map(({ Name, State }) => [Name, State]));
}

/**
 * Holds each verdict against what the other commands then can and cannot do with a running container: `yes` is there, `no` is
 * not there, `partly` may be either. `path` is its cgroup; `id` is what its engine calls it, `processCount` how many it has.
 */
export async function assertTrue(
  verdicts: Verdicts,
  run: RunThere,
  { path, id, processCount }: { path: string; id: string; processCount: number },
): Promise<void> {
  const inspected = await run(['inspect', path, '--json', '--types', 'Statistics,ProcessList,Linux']);
  assert.deepEqual([inspected.code, inspected.stderr], [0, '']);
  const { Statistics, ProcessList = [], Linux }: Properties = JSON.parse(inspected.stdout);
  const listed: { Id: string; Owner: string }[] = JSON.parse((await run(['ls', '--json'])).stdout);
  const facts: Record<string, boolean> = {
    cgroups: Statistics !== undefined,
    memory: Statistics?.Memory?.MemoryUsageCommitBytes !== undefined,
    processor: Statistics?.Processor?.TotalRuntime100ns !== undefined,
    storage: Statistics?.Storage !== undefined,
    pressure: Linux?.CpuPressureSome100ns !== undefined,
    processes: ProcessList.length === processCount && ProcessList.every(({ ImageName }) => ImageName !== undefined),
    engines: listed.some(({ Id, Owner }) => Id === id && Owner !== ''),
    jobs: (await run(['run', 'true'])).code === 0,
  };
  for (const [name, verdict] of Object.entries(verdicts)) {
    const fact = facts[name];
    assert.ok(fact !== undefined, `nothing to hold ${name} against`);
    if (verdict === 'yes') assert.ok(fact, `${name} is said to be there`);
    if (verdict === 'no') assert.ok(!fact, `${name} is said not to be there`);
  }
  assert.deepEqual(Object.keys(verdicts).sort(), Object.keys(facts).sort());
}
