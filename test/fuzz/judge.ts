import assert from 'node:assert/strict';
import { TooLarge } from '#core/linux/parse/counter.js';

/** Fails unless `value` is what `text` (a byte a character) says, found there by other means than the parser's. */
export type Judge = (value: unknown, text: string) => void;

const largestExact = BigInt(Number.MAX_SAFE_INTEGER);

/** Fails unless a figure is sound: no NaN, not negative, not rounded. Gives it as a bigint. */
function exact(value: unknown): bigint {
  if (value instanceof TooLarge) {
    assert.match(value.text, /^\d{16,25}$/);
    assert.ok(BigInt(value.text) > largestExact, 'a number would do');
    return BigInt(value.text);
  }
  assert.ok(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0, `no count: ${String(value)}`);
  assert.ok(!Object.is(value, -0), 'minus zero');
  return BigInt(value);
}

const scaled = (digits: string, scale: number, drop: number): bigint =>
  (BigInt(digits) / 10n ** BigInt(drop)) * BigInt(scale);

function equals(value: unknown, expected: bigint): void {
  assert.equal(exact(value), expected);
}

/** All runs of digits. */
const runs = (text: string): bigint[] => (text.match(/\d+/g) ?? []).map((digits) => BigInt(digits));

export function single(scale: number, drop: number): Judge {
  return (value, text) => {
    assert.match(text, /^\d+\n$/);
    equals(value, scaled(text.trim(), scale, drop));
  };
}

export const limit: Judge = (value, text) => {
  if (value === null) assert.equal(text, 'max\n');
  else single(1, 0)(value, text);
};

export const limit1: Judge = (value, text) => {
  assert.match(text, /^\d+\n$/);
  if (value === null) assert.ok(BigInt(text.trim()) >= 2n ** 63n - 65536n);
  else single(1, 0)(value, text);
};

export function keyed(key: string, scale: number, drop: number): Judge {
  return (value, text) => {
    const lines = text.split('\n').filter((line) => line.startsWith(`${key} `));
    if (value === undefined) assert.equal(lines.length, 0);
    else {
      const found = lines.filter((line) => /^ \d+$/.test(line.slice(key.length)));
      assert.ok(found.some((line) => scaled(line.slice(key.length + 1), scale, drop) === exact(value)));
    }
  };
}

export const cpuMax: Judge = (value, text) => {
  if (value === null) return assert.match(text, /^max \d+\n$/);
  const [quota, period] = /^(\d+) (\d+)\n$/.exec(text)?.slice(1).map(Number) ?? [];
  assert.ok(quota !== undefined && period !== undefined && typeof value === 'number' && value > 0);
  assert.equal(value, quota / period);
};

export const quota: Judge = (value, text) => {
  if (value === null) return assert.match(text, /^-1\n$/);
  assert.match(text, /^\d+\n$/);
  assert.ok(exact(value) > 0n);
  equals(value, BigInt(text.split('\n')[0] ?? ''));
};

export function pressure(line: string): Judge {
  return (value, text) => {
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
    if (value === undefined) return assert.equal(found, undefined);
    const total = / total=(\d+)$/.exec(found ?? '')?.[1];
    assert.ok(total !== undefined);
    equals(value, BigInt(total) * 10n);
  };
}

const sumOf = (text: string, pattern: RegExp): bigint =>
  [...text.matchAll(pattern)].reduce((sum, match) => sum + BigInt(match[1] ?? ''), 0n);

export const ioStat: Judge = (value, text) => {
  const totals = value as Record<string, unknown>;
  for (const line of text.split('\n')) {
    const known = line.match(/(?<= )(rbytes|wbytes|rios|wios)=\d/g)?.length ?? 0;
    assert.ok(known === 0 || known === 4, 'a figure that is not there is taken for 0');
  }
  for (const [member, key] of [
    ['readBytes', 'rbytes'],
    ['writeBytes', 'wbytes'],
    ['reads', 'rios'],
    ['writes', 'wios'],
  ] as const) {
    equals(totals[member], sumOf(text, new RegExp(`(?<=[ \\n])${key}=(\\d+)(?=[ \\n])`, 'g')));
  }
};

export const blkio: Judge = (value, text) => {
  const reads = /^(\d+):(\d+) Read (\d+)$/m.test(text);
  if (value === undefined) return assert.equal(reads, false);
  assert.ok(reads, 'no device line, and yet a figure');
  const { read, write } = value as { read: unknown; write: unknown };
  equals(read, sumOf(text, /^\d+:\d+ Read (\d+)$/gm));
  equals(write, sumOf(text, /^\d+:\d+ Write (\d+)$/gm));
};

export const procs: Judge = (value, text) => {
  const { pids, hidden } = value as { pids: number[]; hidden: number };
  assert.match(text, /^(\d+\n)*$/);
  const listed = text.split('\n').slice(0, -1).map(Number);
  assert.deepEqual(pids, [...new Set(listed.filter((pid) => pid > 0))]);
  assert.equal(hidden, listed.filter((pid) => pid === 0).length);
};

/** Every figure is a number of the text. */
export const anywhere: Judge = (value, text) => {
  const numbers = runs(text);
  for (const member of Object.values(value as object)) {
    if (typeof member !== 'string') assert.ok(numbers.includes(exact(member)), `${String(member)} is not there`);
  }
};

export const statm: Judge = (value, text) => {
  const [resident, shared] = /^\d+ (\d+) (\d+) \d/.exec(text)?.slice(1).map(BigInt) ?? [];
  assert.ok(resident !== undefined && shared !== undefined);
  const found = value as { private: unknown; shared: unknown };
  equals(found.private, resident - shared);
  equals(found.shared, shared);
};

export const swap: Judge = (value, text) => {
  const lines = text.split('\n').filter((line) => line.startsWith('VmSwap:'));
  if (value === undefined) return assert.equal(lines.length, 0);
  equals(value, BigInt(/^VmSwap:[\t ]*(\d+) kB$/.exec(lines[0] ?? '')?.[1] ?? -1) * 1024n);
};

export const netDev: Judge = (value, text) => {
  const { interfaces, tooLarge } = value as { interfaces: Record<string, unknown>[]; tooLarge: string[] };
  const lines = text.split('\n').slice(2, -1);
  assert.equal(interfaces.length + tooLarge.length, lines.length);
  for (const { Name, ...counters } of interfaces) {
    assert.ok(typeof Name === 'string');
    const numbers = runs(lines.join('\n'));
    for (const counter of Object.values(counters)) assert.ok(numbers.includes(exact(counter)), `${String(counter)}`);
  }
};

/** Lists and maps of texts: nothing else, and none that is not there. */
export const strings: Judge = (value) => {
  if (typeof value === 'string') return;
  assert.ok(typeof value === 'object' && value !== null, `no text: ${String(value)}`);
  for (const member of value instanceof Map ? [...value].flat() : Object.values(value)) strings(member, '');
};

export const auxv: Judge = (value, text) => {
  const words = Buffer.from(text, 'latin1');
  const { pageSize, clockTicks } = value as { pageSize: number; clockTicks: number };
  const there = (key: bigint, wanted: number): boolean => {
    for (let at = 0; at + 16 <= words.length; at += 16) {
      if (words.readBigUInt64LE(at) === key && Number(words.readBigUInt64LE(at + 8)) === wanted) return true;
    }
    return false;
  };
  assert.ok(exact(pageSize) > 0n && there(6n, pageSize));
  assert.ok(exact(clockTicks) > 0n && there(17n, clockTicks));
};

export const swaps: Judge = (value, text) => {
  assert.equal(value, /^[^\n]*\n[\s\S]/.test(text));
};
