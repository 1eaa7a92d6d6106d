import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSilostatError } from '../../dist/index.js';
import { resolveReference } from '../../dist/linux/containers/reference.js';

const thing = (id: string, names: string[] = [], cgroupPath = `/x/${id}`) => ({ id, names, cgroupPath });

const a = thing('abcdef01', ['web']);
const b = thing('abcdee02', ['web-2']);
const c = thing('ab', ['abcdef01-copy']);
const unit = thing('/system.slice/ssh.service', ['ssh.service']);
const containers = [a, b, c];
const others = [unit, thing('/system.slice/web.service', ['web.service'])];

function failure(
  name: string,
  groups = { containers, others },
): { code: string; candidates: unknown; message: string } {
  try {
    resolveReference(name, groups.containers, groups.others);
  } catch (error) {
    assert.ok(isSilostatError(error));
    return { code: error.code, candidates: error.candidates, message: error.message };
  }
  throw new Error(`${name} was found`);
}

describe('resolveReference', () => {
  it('prefers an exact id to an exact name to a prefix', () => {
    assert.equal(resolveReference('ab', containers, others), c);
    assert.equal(resolveReference('abcdef01', containers, others), a);
    assert.equal(resolveReference('web', containers, others), a);
    assert.equal(resolveReference('web-', containers, others), b);
    assert.equal(resolveReference('abcdee', containers, others), b);
    assert.equal(resolveReference('abcdef01-', containers, others), c);
  });

  it('prefers an exact name of anything to a prefix of a container', () => {
    const longer = thing('1', ['ssh.service-copy']);
    assert.equal(resolveReference('ssh.service', [longer], others), unit);
    assert.equal(resolveReference('ssh.s', [longer], others), longer);
  });

  it('takes units where no container matches', () => {
    assert.equal(resolveReference('ssh', containers, others), unit);
  });

  it('names all that a prefix matches', () => {
    const { code, candidates } = failure('abcde');
    assert.equal(code, 'ERR_AMBIGUOUS');
    assert.deepEqual(candidates, ['ab', 'abcdee02', 'abcdef01']);
    assert.equal(failure('abc').code, 'ERR_AMBIGUOUS');
  });

  it('tells two of one name, or of one id, apart', () => {
    const twins = { containers: [thing('1', ['n']), thing('2', ['n'])], others: [] };
    assert.deepEqual(failure('n', twins).candidates, ['1', '2']);
    const nested = { containers: [thing('1', [], '/docker/o/docker/1'), thing('1', [], '/docker/1')], others: [] };
    assert.deepEqual(failure('1', nested).candidates, ['/docker/1', '/docker/o/docker/1']);
  });

  it('wants three characters of a prefix', () => {
    const { code, message } = failure('we');
    assert.equal(code, 'ERR_NOT_FOUND');
    assert.match(message, /3 characters/);
  });

  it('says what to do where nothing matches', () => {
    const { code, message } = failure('nothing-such');
    assert.equal(code, 'ERR_NOT_FOUND');
    assert.match(message, /"nothing-such": no container/);
  });
});
