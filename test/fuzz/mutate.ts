/** Numbers that look random and are the same for the same seed: mulberry32. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Random = (below: number) => number;
type Mutation = (bytes: Buffer, random: Random) => Buffer;

/** What matters to a parser of numbers and lines, and what no kernel writes. */
const pieces = [
  ...[
    '0',
    '-1',
    '-0',
    '+1',
    '00',
    '1e3',
    '0x10',
    '1.5',
    'NaN',
    'max',
    'max ',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '\t',
    ':',
    '=',
    ',',
    '(',
    ')',
  ],
  ...['9'.repeat(15), '9007199254740991', '9007199254740992', '9223372036854771712', '18446744073709551615'],
  ...['18446744073709551616', '9'.repeat(20), '9'.repeat(21), '0'.repeat(20), '7'.repeat(400)],
  ...[
    '\0',
    '\xff',
    '\xc3',
    '\xed\xa0\x80',
    '\xf4\x90\x80\x80',
    '\xc0\xaf',
    '\r',
    '\r\n',
    'total=',
    'rbytes=1',
    'some ',
    'VmSwap:',
  ],
].map((text) => Buffer.from(text, 'latin1'));

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    if (bytes.length === 0) return bytes;
    const copy = Buffer.from(bytes);
    const at = random(copy.length);
    copy[at] = (copy[at] as number) ^ (1 << random(8));
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, random(bytes.length + 1));
  },
  function cutStart(bytes, random) {
    return bytes.subarray(random(bytes.length + 1));
  },
  function remove(bytes, random) {
    const at = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
  },
  function duplicate(bytes, random) {
    const from = random(bytes.length + 1);
    const part = bytes.subarray(from, from + 1 + random(80));
    const at = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  },
  function insert(bytes, random) {
    const at = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), pieces[random(pieces.length)] as Buffer, bytes.subarray(at)]);
  },
  function replaceNumber(bytes, random) {
    const text = bytes.toString('latin1');
    const found = [...text.matchAll(/\d+/g)];
    const one = found[random(found.length)];
    if (one === undefined) return bytes;
    const end = one.index + one[0].length;
    return Buffer.concat([bytes.subarray(0, one.index), pieces[random(pieces.length)] as Buffer, bytes.subarray(end)]);
  },
  function carriageReturns(bytes) {
    return Buffer.from(bytes.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  },
  function removeLine(bytes, random) {
    const lines = bytes.toString('latin1').split('\n');
    lines.splice(random(lines.length), 1);
    return Buffer.from(lines.join('\n'), 'latin1');
  },
];

/** One to four changes. */
export function mutate(original: Buffer, random: Random): Buffer {
  let bytes = original;
  for (let left = 1 + random(4); left > 0; left -= 1) {
    bytes = (mutations[random(mutations.length)] as Mutation)(bytes, random);
  }
  return bytes;
}
