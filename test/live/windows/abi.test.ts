import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as completionPort from '#core/windows/abi/completion-port.js';
import * as jobObject from '#core/windows/abi/job-object.js';
import * as object from '#core/windows/abi/object.js';
import * as pipe from '#core/windows/abi/pipe.js';
import * as process_ from '#core/windows/abi/process.js';
import * as creation from '#core/windows/abi/process-creation.js';
import * as status from '#core/windows/abi/status.js';
import { runProgram, skipReason } from './lab.js';

type Layout = { readonly size: number; readonly [member: string]: number };
type Told = Record<string, { size: number; members: Record<string, { offset: number; size: number }> }>;

const skip = skipReason({ programs: true });
const ours: Record<string, unknown> = {
  ...jobObject,
  ...process_,
  ...creation,
  ...pipe,
  ...object,
  ...completionPort,
  ...status,
};
const layouts = Object.entries(ours).filter((entry): entry is [string, Layout] => typeof entry[1] === 'object');
const numbers = Object.entries(ours).filter((entry): entry is [string, number] => typeof entry[1] === 'number');

test("every structure lies as a C compiler's does", { skip }, async () => {
  const [told] = (await runProgram('abi')) as [Told];
  assert.ok(layouts.length >= 20);
  for (const [name, { size, ...members }] of layouts) {
    assert.equal(size, told[name]?.size, `size of ${name}`);
    for (const [member, offset] of Object.entries(members)) {
      assert.equal(offset, told[name]?.members[member]?.offset, `${name}.${member}`);
    }
  }
});

test("every constant that the compiler's headers know has its value", { skip }, async () => {
  const [, told] = (await runProgram('abi')) as [unknown, Record<string, number>];
  const known = numbers.filter(([name]) => told[name] !== undefined);
  assert.ok(known.length >= 60, `${known.length} of ${numbers.length} constants`);
  for (const [name, value] of known) assert.equal(value, told[name], name);
});
