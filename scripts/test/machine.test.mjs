import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { whyNot } from './machine.mjs';

const bare = {
  platform: 'linux',
  root: false,
  missing: new Map([['runc', 'installing packages needs root']]),
  nodes: new Map(),
  noNodes: 'Linux x64 only',
};
const full = { ...bare, root: true, missing: new Map(), nodes: new Map([['22', '/node-22']]) };

/** @type {[string, import('./machine.mjs').Needs, string | undefined][]} */
const cases = [
  ['nothing needed', {}, undefined],
  ['another system', { platform: 'win32' }, 'runs on win32 only'],
  ['root', { platform: 'linux', root: true }, 'needs root'],
  ['another Node', { node: '22' }, 'Linux x64 only'],
  ['packages', { debian: ['strace', 'runc'] }, 'runc not installed: installing packages needs root'],
];

describe('why a suite cannot run here', () => {
  for (const [what, needs, reason] of cases) {
    it(`${what}: ${reason ?? 'it can'}`, () => assert.equal(whyNot(needs, bare), reason));
  }
  it('all there: it can', () => {
    assert.equal(whyNot({ platform: 'linux', root: true, debian: ['runc'], node: '22' }, full), undefined);
  });
});
