import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PropertyType } from 'silostat';
import { openComputeSystem } from 'silostat';
import { cgroupMounts } from '../../support/cgroup-files.ts';
import { checkout, silostatBin } from '../../support/checkout.ts';
import { silostat } from '../../support/command.ts';
import { libraryScript } from '../../support/node-script.ts';
import { skipReason } from '../../support/requirements.ts';
import type { RuncContainer } from '../../support/runc-container.ts';
import { RuncEngine } from '../../support/runc-container.ts';
import type { TracedOutcome } from '../../support/traced.ts';
import { traceOpened } from '../../support/traced.ts';
import { Undo } from '../../support/undo.ts';

/** Where engines keep the state of their containers. */
const stateFolders = [
  ...['runc', 'crun', 'containerd', 'docker', 'containers', 'libpod', 'crio', 'lxc', 'user'].map(
    (name) => `/run/${name}`,
  ),
  ...['docker', 'containers', 'containerd', 'lxc'].map((name) => `/var/lib/${name}`),
];

const badIds: [string, string][] = [
  ['an empty one', ''],
  ['..', '..'],
  ['../..', '../..'],
  ['/', '/'],
  ['.', '.'],
  ['a path with ..', '/silostat/../../../etc/passwd'],
  ['a path with an empty component', '/a//b'],
  ['a relative path', 'a/b'],
  ['10,000 characters', 'x'.repeat(10_000)],
  ['a path of 10,000 characters', `/${'x'.repeat(10_000)}`],
  ['a newline', 'a\nb'],
  ['a newline at the end', 'a\n'],
  ['%', '%'],
  ['a percent-encoded path', '..%2f..%2fetc'],
  ['a space', ' '],
];

describe('bad input', { skip: skipReason({ tools: ['runc', 'busybox', 'gcc', 'strace'] }) }, () => {
  const undo = new Undo();
  let container: RuncContainer;
  let twin: RuncContainer;
  /** A run that ends in a usage error, by command. */
  let control: TracedOutcome;

  before(async () => {
    const engine = new RuncEngine(undo);
    container = await engine.start();
    twin = await engine.start();
    control = await traceOpened([silostatBin, 'inspect', '--no-such-option']);
    assert.equal(control.code, 2, control.stderr);
    assert.ok(control.opened.size > 10, 'the trace shows what was opened');
  });
  after(() => undo[Symbol.dispose]());

  for (const [name, id] of badIds) {
    test(`${name} is an invalid id: exit 2, and nothing is opened`, async () => {
      assertRefused(await traceOpened([silostatBin, 'inspect', '--json', '--', id]));
    });
  }

  for (const types of ['Nope', 'Statistics,nope', 'statistics', '', '../../etc/passwd']) {
    test(`${JSON.stringify(types)} is an unknown type: exit 2, and nothing is opened`, async () => {
      assertRefused(await traceOpened([silostatBin, 'inspect', container.id, '--types', types]));
    });
  }

  test('stats refuses a bad id among good ones before anything is opened', async () => {
    const outcome = await traceOpened([silostatBin, 'stats', container.id, '../..', '--json']);
    assertRefused(outcome, await traceOpened([silostatBin, 'stats', '--no-such-option']));
  });

  test('NUL and its like are refused by the library, which opens nothing more than for any other bad id', async () => {
    const open = (id: string): string => `await silostat.openComputeSystem(${JSON.stringify(id)})`;
    const other = await traceOpened(libraryScript('throw { code: "none" }'));
    for (const id of ['a\0b', '\0', `${container.id}\0`, '/a\0/b', 'a\nb', '', '../..']) {
      const { code, stdout, opened } = await traceOpened(libraryScript(open(id)));
      assert.deepEqual([code, stdout], [2, 'ERR_INVALID_ARGUMENT\n'], JSON.stringify(id));
      assert.deepEqual(beyond(opened, other.opened), [], JSON.stringify(id));
    }
  });

  test('each of them is ERR_INVALID_ARGUMENT', async () => {
    for (const [name, id] of badIds) {
      await assert.rejects(openComputeSystem(id), { code: 'ERR_INVALID_ARGUMENT' }, name);
    }
    using system = await openComputeSystem(container.id);
    for (const type of ['Nope', 'statistics', '', 'toString', '__proto__']) {
      const types = ['Statistics', type] as PropertyType[];
      await assert.rejects(system.properties(types), { code: 'ERR_INVALID_ARGUMENT' }, type);
    }
  });

  test('a prefix of two containers is ambiguous, and the candidates are named', async () => {
    const prefix = container.id.slice(0, -1);
    const { code, stdout, stderr } = await silostat(['inspect', prefix, '--json']);
    assert.deepEqual([code, stdout], [2, ''], stderr);
    const [first = '', ...candidates] = stderr.trimEnd().split('\n');
    assert.match(first, new RegExp(prefix));
    assert.equal(candidates.length, 2, stderr);
    for (const { id } of [container, twin]) {
      assert.equal(candidates.filter((line) => line.includes(id)).length, 1, stderr);
    }
    const tell = `error.code + ' ' + [...error.candidates].sort().join()`;
    const script = `await silostat.openComputeSystem('${prefix}').catch((error) => console.log(${tell}))`;
    const { stdout: said } = await traceOpened(libraryScript(script));
    assert.equal(said, `ERR_AMBIGUOUS ${[container.id, twin.id].sort().join()}\n`);
  });

  const otherIds: [string, () => string, number][] = [
    ['an exact id', () => container.id, 0],
    ['a cgroup path', () => container.cgroups.get('pids') ?? '', 0],
    ['a path below a cgroup mount', () => `${cgroupMounts().get('pids') ?? cgroupMounts().get('')}/${container.id}`, 0],
    ['an ambiguous prefix', () => container.id.slice(0, -1), 2],
    ['an id that is nowhere', () => 'no-such-container', 1],
    ['a path that is nowhere', () => '/etc/passwd', 1],
    ['64 hexadecimal digits', () => '0123456789abcdef'.repeat(4), 1],
    ['the name of a file of every cgroup', () => 'cgroup.procs', 1],
    ['a path to a file of a cgroup', () => `/${container.id}/cgroup.procs`, 1],
    ['dots in an id', () => 'a..b', 1],
  ];
  for (const [name, id, expected] of otherIds) {
    test(`${name}: only cgroups, /proc and the engines' state are opened`, async () => {
      const { code, stderr, opened } = await traceOpened([silostatBin, 'inspect', id(), '--json']);
      assert.equal(code, expected, stderr);
      assert.deepEqual(beyond(opened, control.opened).filter(isElsewhere), []);
    });
  }

  test('neither do the other ways to look at a container open anything else', async () => {
    const { id } = container;
    for (const args of [
      ['inspect', id],
      ['stats', id, '--interval', '0'],
      ['stats', id, '--json'],
      ['ls', '--all'],
    ]) {
      const { code, stderr, opened } = await traceOpened([silostatBin, ...args]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(beyond(opened, control.opened).filter(isElsewhere), [], args.join(' '));
    }
  });

  function assertRefused(outcome: TracedOutcome, usageError: TracedOutcome = control): void {
    const { code, stdout, stderr, opened } = outcome;
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, /^[^\n]+\n$/, 'one line');
    assert.ok(stderr.length < 1000, 'a line that one can read');
    assert.deepEqual(beyond(opened, usageError.opened), [], 'opened beyond a usage error');
    assert.deepEqual(beyond(usageError.opened, opened), [], 'opened less than a usage error');
  }
});

function beyond(opened: ReadonlySet<string>, control: ReadonlySet<string>): string[] {
  return [...opened].filter((path) => !control.has(path)).sort();
}

/** Neither a container's data, nor the program's own modules, which are loaded when they are needed. */
function isElsewhere(path: string): boolean {
  const folders = [
    '/proc',
    ...cgroupMounts().values(),
    ...stateFolders,
    `${checkout}/packages`,
    `${checkout}/node_modules`,
  ];
  return path.split('/').includes('..') || !folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
