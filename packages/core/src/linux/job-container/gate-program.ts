import { closeSync, openSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { isSilostatError } from '../../errors.ts';
import { createMemoryFile, duplicateAbove } from '../native-calls.ts';

/** Above all that a child is given: it must not be overwritten before it is executed. */
const leastDescriptor = 64;

/**
 * `gate FD PROGRAM ARGV0 ARGUMENT...`: read(FD, 1 byte) or exit(125), close(FD), execve(PROGRAM, from ARGV0 on, its own environment),
 * for ENOEXEC execve(/bin/sh, PROGRAM and the arguments), exit(127) for ENOENT, else exit(126). FD is one character, from `0` on. The source is test/live/c/gate.S.
 */
const code =
  '488b5c24100fb62b83ed3031c089ef488d7424f8ba010000000f05bf7d00000083f8017556b80300000089ef0f05b83b00000048' +
  '8b7c2418488d742420488b1424488d54d4100f0583f8f87522488b4424184889442420488d3d2400000048897c2418488d742418' +
  'b83b0000000f05bf7e00000083f8fe7502ffc7b83c0000000f052f62696e2f736800';

const loadAddress = 0x400000n;
const headerBytes = 64;
const segmentBytes = 56;

/** A whole ELF executable with one segment. */
export function gateImage(): Buffer {
  const start = headerBytes + segmentBytes;
  const image = Buffer.concat([Buffer.alloc(start), Buffer.from(code, 'hex')]);
  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  image.writeUInt16LE(2, 16); // ET_EXEC
  image.writeUInt16LE(62, 18); // EM_X86_64
  image.writeUInt32LE(1, 20);
  image.writeBigUInt64LE(loadAddress + BigInt(start), 24); // entry
  image.writeBigUInt64LE(BigInt(headerBytes), 32); // program headers
  image.writeUInt16LE(headerBytes, 52);
  image.writeUInt16LE(segmentBytes, 54);
  image.writeUInt16LE(1, 56);
  image.writeUInt32LE(1, headerBytes); // PT_LOAD
  image.writeUInt32LE(5, headerBytes + 4); // readable, executable
  image.writeBigUInt64LE(loadAddress, headerBytes + 16);
  image.writeBigUInt64LE(loadAddress, headerBytes + 24);
  image.writeBigUInt64LE(BigInt(image.length), headerBytes + 32);
  image.writeBigUInt64LE(BigInt(image.length), headerBytes + 40);
  image.writeBigUInt64LE(4096n, headerBytes + 48);
  return image;
}

let path: string | undefined;
let isUnusable = process.arch !== 'x64' || !isMainThread;

/** Where the gate can be executed from, in a child of this process; undefined where it cannot. Made once, and kept. */
export function gateProgram(): string | undefined {
  if (isUnusable) return undefined;
  try {
    path ??= `/proc/self/fd/${openGate()}`;
    return path;
  } catch (error) {
    if (!isSilostatError(error)) throw error;
    isUnusable = true;
    return undefined;
  }
}

/** The kernel would not execute it (vm.memfd_noexec, a security module): a shell must do. */
export function giveUpGateProgram(): void {
  isUnusable = true;
}

/** In memory, with no name in any folder. What is open for writing cannot be executed, so it is opened anew. */
function openGate(): number {
  const writable = createMemoryFile('silostat-gate');
  try {
    writeSync(writable, gateImage());
    const readable = openSync(`/proc/self/fd/${writable}`, 'r');
    try {
      return duplicateAbove(readable, leastDescriptor);
    } finally {
      closeSync(readable);
    }
  } finally {
    closeSync(writable);
  }
}
