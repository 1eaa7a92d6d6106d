import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Key, KeyDecoder } from '../dist/terminal/keys.js';

const bytesOf = (text: string) => Buffer.from(text, 'utf8');

/** The keys of some pieces, as words; what is pending at the end is flushed. */
function keysOf(...pieces: (string | Uint8Array)[]): string {
  const decoder = new KeyDecoder();
  const keys = pieces.flatMap((piece) => decoder.push(typeof piece === 'string' ? bytesOf(piece) : piece));
  return [...keys, ...decoder.flush()].map((key: Key) => ('text' in key ? key.text : `<${key.name}>`)).join('');
}

describe('the key decoder', () => {
  const cases: [string, string][] = [
    ['q', 'q'],
    ['jjk', 'jjk'],
    ['ä日🚀', 'ä日🚀'],
    ['\r', '<enter>'],
    ['\n', '<enter>'],
    ['\x7f\b', '<backspace><backspace>'],
    ['\x03', '<interrupt>'],
    ['\x04\x0c\x15\x1a\x1c', '<end of input><redraw><clear><suspend><quit>'],
    ['\x01\x02\0', ''],
    ['\x1b', '<escape>'],
    ['\x1b\x1b', '<escape><escape>'],
    ['\x1b[A\x1b[B\x1b[C\x1b[D', '<up><down><right><left>'],
    ['\x1bOA\x1bOB', '<up><down>'],
    ['\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1bOH\x1bOF', '<home><end><home><end><home><end><home><end>'],
    ['\x1b[5~\x1b[6~\x1b[3~', '<page up><page down><delete>'],
    ['\x1b[1;5A\x1b[5;2~\x1b[1;2P', '<up><page up><f1>'],
    ['\x1bOP\x1b[11~\x1b[[A', '<f1><f1><f1>'],
    ['\x1b[20~\x1b[[Bx', 'x'],
    // A report of the cursor, a mouse, a focus: no key.
    ['\x1b[24;80Rq', 'q'],
    ['\x1b[<0;1;1Mq', 'q'],
    ['\x1b[Iq', 'q'],
    ['\x1b[?1;2cq', 'q'],
    // Alt with a key is none of ours, and not the key itself.
    ['\x1bq', ''],
    ['\x1bä!', '!'],
  ];
  for (const [bytes, keys] of cases) {
    it(`${JSON.stringify(bytes)} is ${keys === '' ? 'nothing' : keys}`, () => {
      assert.equal(keysOf(bytes), keys);
    });
  }

  it('takes a sequence in pieces for the same keys', () => {
    for (const [text] of cases.filter(([bytes]) => !['\x1bq', '\x1bä!', '\x1b\x1b'].includes(bytes))) {
      const whole = keysOf(text);
      assert.equal(keysOf(...[...bytesOf(text)].map((byte) => Uint8Array.of(byte))), whole, JSON.stringify(text));
    }
  });

  it('knows when more may come', () => {
    const decoder = new KeyDecoder();
    for (const [text, isPending] of [
      ['\x1b', true],
      ['[', true],
      ['1', true],
      [';5', true],
      ['A', false],
      ['q', false],
    ] as const) {
      decoder.push(bytesOf(text));
      assert.equal(decoder.isPending, isPending, JSON.stringify(text));
    }
  });

  it('takes anything, keeps little, and is itself again afterwards', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (pieces) => {
        const decoder = new KeyDecoder();
        for (const piece of pieces)
          for (const key of decoder.push(piece)) assert.ok('name' in key || !/\p{Cc}/u.test(key.text));
        decoder.flush();
        // Half a character may be left.
        decoder.push(bytesOf('\r\r'));
        assert.deepEqual(decoder.push(bytesOf('\x1b[A')), [{ name: 'up' }]);
      }),
    );
  });

  it('does not wait for ever for the end of a sequence that no key sends', () => {
    const decoder = new KeyDecoder();
    decoder.push(bytesOf(`\x1b[${'1;'.repeat(1000)}`));
    assert.equal(decoder.isPending, false);
  });
});
