import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ComputeSystem, fields, type QueryResult } from '../../dist/index.js';
import { openCgroupJobAccess } from '../../dist/linux/cgroup/cgroup.js';
import { fixture, hierarchiesIn } from './tree.ts';

const types = ['Statistics', 'ProcessList', 'Limits', 'Faults', 'Linux'] as const;
const monthMs = 30 * 86_400_000;

/** The recorded trees with an expected document: scripts/record-fixture.mjs makes them. */
const trees = readdirSync(fixture('')).filter((name) => existsSync(`${fixture(name)}/expected.json`));

const text = (tree: string, path: string): string => readFileSync(`${fixture(tree)}/${path}`, 'utf8');

/** What silostat makes of a tree, a month after its host booted. */
async function query(tree: string): Promise<QueryResult> {
  const bootMs = Number(/^btime (\d+)$/m.exec(text(tree, 'proc/stat'))?.[1]) * 1000;
  const system = new ComputeSystem({
    identity: { Id: 'recorded', SystemType: 'Cgroup', RuntimeOsType: 'Linux', Owner: '' },
    names: [],
    jobs: openCgroupJobAccess({ hierarchies: hierarchiesIn(fixture(tree)), path: text(tree, 'path').trim() }),
    clock: { now: () => bootMs + monthMs, monotonicNs: () => 0n },
  });
  try {
    return await system.query([...types]);
  } finally {
    system.close();
  }
}

/** Why members are absent, without what caused it. */
function absences({ report }: QueryResult): object {
  return Object.fromEntries(
    Object.entries(report.types).map(([type, entry]) => [
      type,
      Object.fromEntries(
        Object.entries(entry?.absent ?? {}).map(([path, { code, message }]) => [path, { code, message }]),
      ),
    ]),
  );
}

/** The directories of the container in the recorded hierarchies. */
function directories(tree: string): string[] {
  const path = text(tree, 'path').trim();
  const mounts = [...text(tree, 'proc/self/mountinfo').matchAll(/^\d+ \d+ \S+ \S+ (\S+) /gm)];
  return mounts.map(([, mount]) => `${fixture(tree)}${mount}${path}`).filter((directory) => existsSync(directory));
}

/** A figure as its source names it: `FILE` or `FILE KEY`, taken from the recorded file without the product. */
function figureOf(tree: string, source: string, unit: string): number | undefined {
  const [, name = '', key] = /^([\w.]+)(?: (\w+))?$/.exec(source) ?? [];
  const file = directories(tree)
    .map((directory) => `${directory}/${name}`)
    .find((candidate) => name !== '' && existsSync(candidate));
  if (file === undefined) return undefined;
  const pattern = key === undefined ? /^(\d+)$/ : new RegExp(`^${key} (\\d+)$`, 'm');
  const digits = pattern.exec(readFileSync(file, 'utf8').trim())?.[1];
  if (digits === undefined) return undefined;
  if (unit !== '100ns') return Number(digits);
  return key?.endsWith('_usec') === true ? Number(digits) * 10 : Math.floor(Number(digits) / 100);
}

function memberAt(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
      document,
    );
}

assert.ok(trees.length >= 6, `only ${trees.length} recorded trees`);

for (const tree of trees) {
  describe(tree, () => {
    it('gives the expected document, and the reason of all that is absent', async () => {
      const result = await query(tree);
      const answer = { kernel: result.report.kernel, properties: result.properties, absent: absences(result) };
      assert.deepEqual(JSON.parse(JSON.stringify(answer)), JSON.parse(text(tree, 'expected.json')));
    });

    it('has each figure as the file has it that its source names', async () => {
      const { properties, report } = await query(tree);
      let compared = 0;
      for (const { path, unit, each } of fields) {
        const [type = '', ...rest] = path.split('.');
        const source = Reflect.get(report.types, type)?.sources[rest.join('.')];
        const expected = each === undefined && source !== undefined ? figureOf(tree, source, unit) : undefined;
        if (expected === undefined || path.startsWith('Limits.')) continue;
        assert.equal(memberAt(properties, path), expected, `${path}, ${source}`);
        compared += 1;
      }
      assert.ok(compared >= 3, `only ${compared} figures have a plain source`);
    });
  });
}
