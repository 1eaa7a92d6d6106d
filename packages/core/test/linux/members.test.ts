import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode } from '../../dist/errors.js';
import { SilostatError } from '../../dist/errors.js';
import { readMembers } from '../../dist/linux/process/members.js';
import { ProcFs } from '../../dist/linux/process/proc.js';

/** What becomes of each process: its value, undefined for one that exits while it is read, or an error. */
type Fates = Readonly<Record<number, number | undefined | ErrorCode>>;

interface Script {
  fates: Fates;
  /** The second list; the same as the first if left out. */
  after?: readonly number[];
  hidden?: number;
  /** Which there are though their files are not shown. */
  notShown?: readonly number[];
  /** Where processes are that the second list lacks. */
  cgroups?: Readonly<Record<number, string>>;
}

const failure = (code: ErrorCode) => new SilostatError(code, { subject: 'x', operation: 'read', reason: 'scripted' });

class ScriptedProc extends ProcFs {
  readonly #script: Script;

  constructor(script: Script) {
    super('/none');
    this.#script = script;
  }

  override isHidden(pid: number): boolean {
    return this.#script.notShown?.includes(pid) === true;
  }

  override cgroupsOf(pid: number): ReadonlyMap<string, string> {
    const path = this.#script.cgroups?.[pid];
    if (path === undefined) throw failure('ERR_NOT_FOUND');
    return new Map([['', path]]);
  }
}

function run(script: Script) {
  const { fates, hidden = 0 } = script;
  const listed = Object.keys(fates).map(Number);
  const lists = [listed, script.after ?? listed];
  const group = {
    pids: () => ({ pids: lists.shift() ?? [], hidden }),
    holds: (cgroups: ReadonlyMap<string, string>) => cgroups.get('') === '/lab',
  };
  const { readings, denied, tally } = readMembers(new ScriptedProc(script), group, (pid) => {
    const fate = fates[pid];
    if (typeof fate === 'string') throw failure(fate);
    return fate;
  });
  const { listed: all, read, gone, denied: refused, reused, unreadable } = tally;
  assert.equal(all, read + gone + refused + reused + unreadable, 'every process is counted once');
  return { values: readings.map(({ value }) => value), denied, tally };
}

const tally = (counts: Partial<ReturnType<typeof run>['tally']>) => ({
  listed: 0,
  read: 0,
  gone: 0,
  denied: 0,
  reused: 0,
  unreadable: 0,
  ...counts,
});

describe('the members of a group', () => {
  it('are read', () => {
    assert.deepEqual(run({ fates: { 7: 1, 8: 2 } }), {
      values: [1, 2],
      denied: [],
      tally: tally({ listed: 2, read: 2 }),
    });
  });
  it('may be none', () => {
    assert.deepEqual(run({ fates: {} }), { values: [], denied: [], tally: tally({}) });
  });
  it('may have gone before they were read, or while', () => {
    const { values, tally: counts } = run({ fates: { 7: 'ERR_NOT_FOUND', 8: undefined, 9: 3 }, after: [9] });
    assert.deepEqual([values, counts], [[3], tally({ listed: 3, read: 1, gone: 2 })]);
  });
  it('are left out when they had gone by the second list', () => {
    assert.deepEqual(run({ fates: { 7: 1 }, after: [] }), {
      values: [],
      denied: [],
      tally: tally({ listed: 1, gone: 1 }),
    });
  });
  it('are not another process that has the pid by now', () => {
    const answer = run({ fates: { 7: 1, 8: 2 }, after: [8], cgroups: { 7: '/elsewhere' } });
    assert.deepEqual(answer, { values: [2], denied: [], tally: tally({ listed: 2, read: 1, reused: 1 }) });
  });
  it('are kept when they moved between nested cgroups while the list was made', () => {
    const answer = run({ fates: { 7: 1 }, after: [], cgroups: { 7: '/lab' } });
    assert.deepEqual(answer, { values: [1], denied: [], tally: tally({ listed: 1, read: 1 }) });
  });
  it('may refuse us, or hide', () => {
    const answer = run({ fates: { 7: 'ERR_ACCESS_DENIED', 8: 'ERR_NOT_FOUND', 9: 3 }, notShown: [8] });
    assert.deepEqual(answer, { values: [3], denied: [7, 8], tally: tally({ listed: 3, read: 1, denied: 2 }) });
  });
  it('that refused us and have gone since are no omission', () => {
    const answer = run({ fates: { 7: 'ERR_ACCESS_DENIED' }, after: [] });
    assert.deepEqual(answer, { values: [], denied: [], tally: tally({ listed: 1, gone: 1 }) });
  });
  it('of other pid namespaces count as unreadable', () => {
    assert.deepEqual(run({ fates: { 7: 1 }, hidden: 2 }).tally, tally({ listed: 3, read: 1, unreadable: 2 }));
  });
  it('that are malformed fail the question', () => {
    for (const code of ['ERR_PARSE', 'ERR_SERVICE'] as const)
      assert.throws(() => run({ fates: { 7: code } }), { code });
  });
});

describe('processes that are pinned by open files', () => {
  const pinned = { isPinned: () => true };
  const group = (lists: readonly number[][]) => {
    const left = [...lists];
    return {
      pids: () => {
        const pids = left.shift();
        if (pids === undefined) throw failure('ERR_NOT_FOUND');
        return { pids, hidden: 0 };
      },
      holds: () => false,
    };
  };

  it('need no second list', () => {
    const { tally } = readMembers(new ScriptedProc({ fates: {} }), group([[7, 8]]), (pid) => pid, pinned);
    assert.equal(tally.read, 2);
  });

  it('are listed again when one of them has gone: it may have gone with the whole group', () => {
    const read = () => {
      throw failure('ERR_NOT_FOUND');
    };
    const isGone = { code: 'ERR_NOT_FOUND' };
    assert.throws(() => readMembers(new ScriptedProc({ fates: {} }), group([[7, 8]]), read, pinned), isGone);
  });
});
