import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSilostatError, openComputeSystem, parseReference } from '../dist/index.js';

const refused = [
  '',
  '/',
  '.',
  '..',
  '../..',
  '/a/../b',
  '/a/./b',
  '/a//b',
  '/a/',
  'a/b',
  '%',
  '-x',
  'a b',
  'web\n',
  'web\0',
  '/a\nb',
  '/a\u0085b',
  'x'.repeat(256),
  'x'.repeat(10_000),
  `/${'x'.repeat(256)}`,
  `/${'é'.repeat(128)}`,
  '/x'.repeat(2048),
];

describe('parseReference', () => {
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))} (${text.length})`, () => {
      assert.throws(() => parseReference(text), { name: 'SilostatError', code: 'ERR_INVALID_ARGUMENT' });
    });
  }

  it('takes ids, names and unit names', () => {
    for (const name of [
      '3f1c',
      'web-1',
      '_x',
      'user@1000.service',
      'a\\x2db.service',
      'k8s_POD_a:b',
      'x'.repeat(255),
    ]) {
      assert.deepEqual(parseReference(name), { kind: 'name', name });
    }
  });

  it('takes absolute paths, whatever their components are called', () => {
    for (const path of ['/docker/3f1c', '/a b/ä/...', '/100%', `/${'x'.repeat(255)}`]) {
      assert.deepEqual(parseReference(path), { kind: 'path', path });
    }
  });

  it('throws nothing but ERR_INVALID_ARGUMENT, with one short line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          assert.ok(isSilostatError(error) && error.code === 'ERR_INVALID_ARGUMENT');
          assert.ok(error.message.length < 700 && !error.message.includes('\n'));
        }
      }),
    );
  });

  it('is asked before the platform is', async () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
    Object.defineProperty(process, 'platform', { ...platform, value: 'plan9' });
    try {
      await assert.rejects(openComputeSystem('../..'), { code: 'ERR_INVALID_ARGUMENT' });
      await assert.rejects(openComputeSystem('web'), { code: 'ERR_UNSUPPORTED' });
    } finally {
      Object.defineProperty(process, 'platform', platform);
    }
  });
});
