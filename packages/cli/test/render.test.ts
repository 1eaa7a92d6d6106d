import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { renderBytes } from '../dist/render/bytes.js';
import { renderDuration } from '../dist/render/duration.js';
import { renderFigure, renderLowerBound } from '../dist/render/figure.js';
import { shortIds } from '../dist/render/ids.js';
import { renderTable } from '../dist/render/table.js';
import { visible, visibleJson } from '../dist/render/visible.js';
import { displayWidth, fitWidth } from '../dist/render/width.js';
import { wrap } from '../dist/render/wrap.js';

/** What a terminal must never get raw. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('renderBytes', () => {
  it('gives three digits and an IEC unit', () => {
    const expected: [number, string][] = [
      [0, '0 B'],
      [1023, '1023 B'],
      [1024, '1.00 KiB'],
      [12_900_000, '12.3 MiB'],
      [123 * 1024 ** 2, '123 MiB'],
      [1000 * 1024, '1000 KiB'],
      [1024 ** 2 - 1, '1.00 MiB'],
      [10 * 1024 - 1, '10.0 KiB'],
      [2 ** 53, '8.00 PiB'],
    ];
    for (const [bytes, text] of expected) assert.equal(renderBytes(bytes), text);
  });

  it('is never further off than its last digit', () => {
    const factors: Record<string, number> = {
      B: 1,
      KiB: 2 ** 10,
      MiB: 2 ** 20,
      GiB: 2 ** 30,
      TiB: 2 ** 40,
      PiB: 2 ** 50,
    };
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        const [digits = '', unit = ''] = renderBytes(bytes).split(' ');
        const shown = Number(digits) * (factors[unit] ?? Number.NaN);
        assert.ok(Math.abs(shown - bytes) <= bytes * 0.0051, `${bytes} is shown as ${digits} ${unit}`);
        assert.ok(digits.length <= 4);
      }),
    );
  });
});

describe('renderDuration', () => {
  it('shows what matters, cut and not rounded up', () => {
    const expected: [number, string][] = [
      [0, '0s'],
      [9_999, '<1ms'],
      [1_209_999, '120ms'],
      [123_456_789, '12.34s'],
      [599_999_999, '59.99s'],
      [600_000_000, '1m00s'],
      [36_000_000_000 - 1, '59m59s'],
      [36_000_000_000 * 3 + 600_000_000 * 7, '3h07m'],
      [36_000_000_000 * 292, '12d04h'],
    ];
    for (const [ticks, text] of expected) assert.equal(renderDuration(ticks), text);
  });
});

describe('renderFigure', () => {
  it('tells unknown, no limit and a measured 0 apart', () => {
    assert.equal(renderFigure(undefined, 'bytes'), '-');
    assert.equal(renderFigure(null, 'bytes'), 'no limit');
    assert.equal(renderFigure(0, 'bytes'), '0 B');
    assert.equal(renderFigure(0, 'count'), '0');
  });

  it('marks a lower bound, leaving out processes that had a good reason not to be read', () => {
    const tally = { listed: 17, read: 14, gone: 1, reused: 1, denied: 1, unreadable: 0 };
    assert.equal(renderLowerBound('123 MiB', tally), '>= 123 MiB (14 of 15)');
    assert.equal(renderLowerBound('123 MiB', undefined), '>= 123 MiB');
  });
});

describe('visible', () => {
  it('shows control characters and what reorders text as escapes', () => {
    assert.equal(
      visible('a\x1b[31m\nb\x9b\u202egnp.exe\u{e0041}\ud800'),
      'a\\x1b[31m\\nb\\x9b\\u202egnp.exe\\u{e0041}\\ud800',
    );
    assert.equal(visible('grün 日本 🚀'), 'grün 日本 🚀');
  });

  it('lets nothing unsafe through, whatever comes', () => {
    fc.assert(fc.property(anyText, (text) => assert.doesNotMatch(visible(text), unsafe)));
  });

  it('leaves the meaning of JSON alone', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anyText, (value, text) => {
        const json = visibleJson(JSON.stringify({ value, [text]: text }, undefined, 2));
        assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ value, [text]: text })));
        assert.doesNotMatch(json.replaceAll('\n', ''), unsafe);
      }),
    );
  });
});

describe('renderTable', () => {
  const columns = [
    { title: 'NAME', cell: (row: string[]) => row[0] ?? '' },
    { title: 'SIZE', align: 'right', cell: (row: string[]) => row[1] ?? '' },
    { title: 'NOTE', cell: (row: string[]) => row[2] ?? '' },
  ] as const;

  it('aligns, also wide and combining characters, and leaves no trailing spaces', () => {
    const rows = [
      ['web', '1 B', ''],
      ['日本語', '123 MiB', 'x'],
      ['e\u0301', '', 'y'],
    ];
    assert.deepEqual(renderTable(columns, rows), [
      'NAME       SIZE  NOTE',
      'web         1 B',
      '日本語  123 MiB  x',
      'e\u0301                y',
    ]);
  });

  it('never lets a cell break the line', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyText, { minLength: 3, maxLength: 3 })), (rows) => {
        const lines = renderTable(columns, rows);
        assert.equal(lines.length, rows.length + 1);
        for (const line of lines) assert.doesNotMatch(line, unsafe);
      }),
    );
  });
});

describe('width', () => {
  it('counts cells', () => {
    assert.equal(displayWidth('abc'), 3);
    assert.equal(displayWidth('日本'), 4);
    assert.equal(displayWidth('🚀'), 2);
    assert.equal(displayWidth('e\u0301'), 1);
  });

  it('cuts to what fits', () => {
    assert.equal(fitWidth('abcdef', 6), 'abcdef');
    assert.equal(fitWidth('abcdefg', 6), 'abcde…');
    assert.equal(fitWidth('日本語', 4), '日…');
    fc.assert(
      fc.property(anyText.map(visible), fc.nat(30), (text, width) => {
        assert.ok(displayWidth(fitWidth(text, width)) <= width);
      }),
    );
  });
});

describe('wrap', () => {
  it('hangs what does not fit under the first word', () => {
    assert.deepEqual(wrap('  CPU  ', 'one two three four five six', 31), [
      '  CPU  one two three four five',
      '       six',
    ]);
    assert.deepEqual(wrap('x ', '', 80), ['x ']);
  });
});

describe('shortIds', () => {
  it('tells different ids apart, and the same one never, in any number', () => {
    const digits = fc.string({ unit: fc.constantFrom('0', 'a'), minLength: 32, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(digits), (ids) => {
        const short = shortIds(ids);
        assert.equal(new Set(short).size, new Set(ids).size);
        for (const [at, id] of ids.entries()) assert.ok(id.startsWith(short[at] ?? 'x'));
      }),
    );
    const many = Array.from({ length: 20_000 }, (_, at) => at.toString(16).padStart(64, '0'));
    const began = performance.now();
    shortIds(many);
    assert.ok(performance.now() - began < 5000, 'not each with each');
  });

  it('cuts hashes to 12 digits, or to what tells them apart', () => {
    const one = `${'a'.repeat(13)}1${'0'.repeat(50)}`;
    const other = `${'a'.repeat(13)}2${'0'.repeat(50)}`;
    const alone = 'b'.repeat(64);
    assert.deepEqual(shortIds([one, other, alone, 'web-1']), [
      `${'a'.repeat(13)}1`,
      `${'a'.repeat(13)}2`,
      'b'.repeat(12),
      'web-1',
    ]);
  });
});
