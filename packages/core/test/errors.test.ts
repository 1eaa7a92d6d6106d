import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSilostatError, NativeError, SilostatError } from '../dist/index.js';
import { reasonOf } from '../dist/report.js';

type Errors = typeof import('../dist/errors.js');

/** Another copy of the module, as two versions of the package in one program have it. */
async function otherCopy(): Promise<Errors> {
  const url = new URL('../dist/errors.js?other', import.meta.url);
  return (await import(url.href)) as Errors;
}

describe('SilostatError', () => {
  const cause = new NativeError('OpenJobObject', 'win32', 5);
  const error = new SilostatError('ERR_ACCESS_DENIED', {
    subject: 'we"b',
    operation: 'open container',
    reason: 'only SYSTEM may',
    cause,
  });

  it('says in one line what was tried, on what, and why it failed', () => {
    assert.equal(error.message, 'cannot open container "we\\"b": only SYSTEM may');
    assert.equal(String(error), `SilostatError: ${error.message}`);
  });

  it('has code, subject, operation, reason and cause as members', () => {
    const { code, subject, operation, reason } = error;
    assert.deepEqual(
      [code, subject, operation, reason],
      ['ERR_ACCESS_DENIED', 'we"b', 'open container', 'only SYSTEM may'],
    );
    assert.equal(error.cause, cause);
    assert.ok(error instanceof Error);
  });

  it('has candidates where there are some', () => {
    const candidates = ['ab1', 'ab2'];
    const details = { subject: 'ab', operation: 'open', reason: 'both match', candidates };
    assert.equal(new SilostatError('ERR_AMBIGUOUS', details).candidates, candidates);
    assert.equal('candidates' in error, false);
  });

  it('is one printable line, whatever it is about', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (subject, reason) => {
        const { message } = new SilostatError('ERR_SERVICE', { subject, operation: 'ask', reason });
        assert.doesNotMatch(message, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        assert.ok(message.startsWith('cannot ask "'));
      }),
    );
    const details = { subject: 'a\u009b31m\u2028b', operation: 'ask', reason: 'line 1\r\nline 2\u001b[2J' };
    assert.equal(new SilostatError('ERR_SERVICE', details).message, 'cannot ask "a 31m b": line 1 line 2 [2J');
  });
});

describe('isSilostatError', () => {
  it('knows the errors of another copy of the package', async () => {
    const other = await otherCopy();
    const details = { subject: 'x', operation: 'read', reason: 'y' };
    const theirs = new other.SilostatError('ERR_PARSE', details);
    assert.equal(theirs instanceof SilostatError, false);
    assert.equal(isSilostatError(theirs), true);
    assert.equal(other.isSilostatError(new SilostatError('ERR_PARSE', details)), true);
    assert.equal(reasonOf(theirs).code, 'ERR_PARSE');
  });

  it('is not taken in by anything else', () => {
    const others = [
      new Error('x'),
      { code: 'ERR_NOT_FOUND', name: 'SilostatError' },
      new NativeError('read', 'errno', 2),
    ];
    for (const other of [...others, undefined, null, 'ERR_NOT_FOUND', 5]) assert.equal(isSilostatError(other), false);
  });
});

describe('NativeError', () => {
  for (const [kind, status, symbol, message] of [
    ['win32', 5, 'ERROR_ACCESS_DENIED', 'f: ERROR_ACCESS_DENIED 5'],
    ['errno', 19, 'ENODEV', 'f: ENODEV 19'],
    ['ntstatus', 0xc0000022, undefined, 'f: ntstatus 0xC0000022'],
    ['ntstatus', -1073741790, undefined, 'f: ntstatus 0xC0000022'],
    ['hresult', 0x80370105, 'HCS_E_INVALID_STATE', 'f: HCS_E_INVALID_STATE 0x80370105'],
    ['hresult', 1, undefined, 'f: hresult 0x00000001'],
  ] as const) {
    it(`writes ${kind} ${status} as people look it up`, () => {
      const error = new NativeError('f', kind, status, symbol);
      assert.equal(error.message, message);
      assert.deepEqual([error.name, error.api, error.kind, error.status], ['NativeError', 'f', kind, status]);
    });
  }
});

describe('reasonOf', () => {
  it('takes code, message and cause of a SilostatError', () => {
    const cause = new Error('deep');
    const error = new SilostatError('ERR_TIMEOUT', { subject: 's', operation: 'o', reason: 'r', cause });
    assert.deepEqual(reasonOf(error), { code: 'ERR_TIMEOUT', message: 'cannot o "s": r', cause });
  });

  it('makes a reason of anything that can be thrown', () => {
    const plain = new RangeError('too much');
    assert.deepEqual(reasonOf(plain), { code: 'ERR_SERVICE', message: 'too much', cause: plain });
    assert.deepEqual(reasonOf('word'), { code: 'ERR_SERVICE', message: 'word', cause: 'word' });
    assert.equal(reasonOf(undefined).message, 'undefined');
  });
});
