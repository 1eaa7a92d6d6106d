import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hasMember, mergeDocuments, pathsAdded, withoutMember } from '../dist/merge.js';

/** Without dots: these part the names of a path. */
const name = fc.oneof(
  fc.constantFrom('A', 'B', 'C', '__proto__', 'toString'),
  fc.string().map((text) => text.replaceAll('.', '')),
);
const { document } = fc.letrec((tie) => ({
  document: fc.dictionary(name, tie('value'), { noNullPrototype: true }),
  value: fc.oneof({ depthSize: 'small' }, fc.nat(), fc.constant(null), fc.array(fc.nat()), tie('document')),
})) as { document: fc.Arbitrary<Record<string, unknown>> };

describe('mergeDocuments', () => {
  it('lets the first win, fills what it lacks, merges objects and takes arrays whole', () => {
    const first = { a: 1, b: { c: 0, d: '' }, e: [1], f: null, g: false };
    const second = { a: 2, b: { c: 3, h: 4 }, e: [5, 6], f: 7, g: true, i: { j: 8 } };
    assert.deepEqual(mergeDocuments(first, second), {
      a: 1,
      b: { c: 0, d: '', h: 4 },
      e: [1],
      f: 7,
      g: false,
      i: { j: 8 },
    });
  });

  it('keeps what both say differently of the first, also where only one of them is an object', () => {
    assert.deepEqual(mergeDocuments({ a: 1, b: {} }, { a: { c: 2 }, b: 3 }), { a: 1, b: {} });
  });

  it('changes neither input, nor any prototype', () => {
    fc.assert(
      fc.property(document, document, (first, second) => {
        const before = [structuredClone(first), structuredClone(second)];
        const merged = mergeDocuments(first, second);
        assert.deepEqual([first, second], before);
        assert.equal(Object.getPrototypeOf(merged), Object.prototype);
      }),
    );
  });

  it('with nothing, or with itself, is the same again', () => {
    fc.assert(
      fc.property(document, (value) => {
        const same = { ...value };
        assert.deepEqual(mergeDocuments(same, {}), same);
        assert.deepEqual(mergeDocuments(same, same), same);
        assert.deepEqual(mergeDocuments({}, same), same);
      }),
    );
  });
});

describe('pathsAdded', () => {
  it('names the leaves that only the second has', () => {
    assert.deepEqual(pathsAdded({ a: 1, b: { c: 0 }, d: null }, { a: 2, b: { c: 1, e: 2 }, d: 3, f: { g: 4 } }), [
      'b.e',
      'd',
      'f.g',
    ]);
    assert.deepEqual(pathsAdded(undefined, { a: [1], b: { c: 1 } }), ['a', 'b.c']);
    assert.deepEqual(pathsAdded({ a: 1, b: [] }, { a: { c: 1 }, b: { c: 1 } }), []);
  });

  it('names what a merge takes from the second, and nothing else', () => {
    fc.assert(
      fc.property(document, document, (first, second) => {
        const paths = pathsAdded(first, second);
        const merged = mergeDocuments(first, second);
        for (const path of paths) assert.equal(hasMember(first, path), false);
        const without = paths.reduce((left, path) => withoutMember(left, path), merged);
        assert.deepEqual(pathsAdded(without, second), paths);
      }),
    );
  });
});

describe('withoutMember', () => {
  it('leaves out one member, and changes nothing else', () => {
    const document = { a: { b: 1, c: 2 }, d: 3 };
    assert.deepEqual(withoutMember(document, 'a.b'), { a: { c: 2 }, d: 3 });
    assert.deepEqual(withoutMember(document, 'd'), { a: { b: 1, c: 2 } });
    assert.deepEqual(document, { a: { b: 1, c: 2 }, d: 3 });
  });

  it('minds no path that is not there', () => {
    assert.deepEqual(withoutMember({ a: { b: 1 } }, 'x'), { a: { b: 1 } });
    assert.deepEqual(withoutMember({ a: { b: 1 } }, 'a.x'), { a: { b: 1 } });
    assert.deepEqual(withoutMember({ a: 1 }, 'a.b'), { a: 1 });
  });
});
