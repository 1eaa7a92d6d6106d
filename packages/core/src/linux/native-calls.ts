import { getSystemErrorName } from 'node:util';
import { codeOfErrno } from '../errno.ts';
import { NativeError, SilostatError } from '../errors.ts';
import type { NativeFunction, NativeType, NativeValue } from '../ffi.ts';
import { allocate, lastErrno, loadLibrary } from '../ffi.ts';

const lockExclusive = 2;
const lockNonBlocking = 4;
const setChildSubreaper = 36;
const rusageChildren = -1;
const rusageBytes = 144;
const waitNoHang = 1;
const protReadWrite = 3;
const mapShared = 1;
const wouldBlock = 'EAGAIN';
/** A libc counts ru_oublock and ru_inblock in units of this. */
const blockBytes = 512;

/** What all children that this process has waited for used, with all that they had waited for. */
export interface ChildrenUsage {
  readonly user100ns: number;
  readonly kernel100ns: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

const flock = libcFunction('flock', 'int32_t', ['int32_t', 'int32_t']);
const prctl = libcFunction('prctl', 'int32_t', ['int32_t', 'uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t']);
const getrusage = libcFunction('getrusage', 'int32_t', ['int32_t', 'uintptr_t']);
const waitpid = libcFunction('waitpid', 'int32_t', ['int32_t', 'uintptr_t', 'int32_t']);
const syscall = libcFunction('syscall', 'int64_t', Array<NativeType>(7).fill('uintptr_t'));
const mmap = libcFunction('mmap', 'uintptr_t', ['uintptr_t', 'size_t', 'int32_t', 'int32_t', 'int32_t', 'int64_t']);
const munmap = libcFunction('munmap', 'int32_t', ['uintptr_t', 'size_t']);
const fcntl = libcFunction('fcntl', 'int32_t', ['int32_t', 'int32_t', 'uintptr_t']);
const close = libcFunction('close', 'int32_t', ['int32_t']);
const memcpy = libcFunction('memcpy', 'uintptr_t', ['uintptr_t', 'uintptr_t', 'size_t']);

/** Takes the lock of an open file; false when another process has it. It ends with the last copy of the descriptor. */
export function tryLock(fd: number): boolean {
  if (flock()(fd, lockExclusive | lockNonBlocking) === 0) return true;
  const failure = lastFailure('flock');
  if (failure.message.includes(wouldBlock)) return false;
  throw unsupported('lock', String(fd), failure);
}

/** Orphans among this process's descendants become its children from now on. */
export function becomeChildSubreaper(): void {
  if (prctl()(setChildSubreaper, 1, 0, 0, 0) === 0) return;
  throw unsupported('become the parent of orphans of', String(process.pid), lastFailure('prctl'));
}

export function childrenUsage(): ChildrenUsage {
  const memory = allocate(rusageBytes);
  if (getrusage()(rusageChildren, memory.address) !== 0) {
    throw unsupported('read the usage of the children of', String(process.pid), lastFailure('getrusage'));
  }
  const long = (index: number) => Number(memory.view.getBigInt64(index * 8, true));
  // timeval utime, stime; maxrss, ixrss, idrss, isrss, minflt, majflt, nswap, inblock, oublock, ...
  return {
    user100ns: long(0) * 10_000_000 + long(1) * 10,
    kernel100ns: long(2) * 10_000_000 + long(3) * 10,
    readBytes: long(11) * blockBytes,
    writtenBytes: long(12) * blockBytes,
  };
}

/** Takes leave of a child that has exited; one that has not, or is none of ours, stays as it is. */
export function reap(pid: number): void {
  waitpid()(pid, 0, waitNoHang);
}

const memfdCreate = 319;
const closeOnExec = 1;
const duplicateCloseOnExec = 1030;

/** A file in memory that children may execute, but not inherit. For x64. @throws SilostatError ERR_UNSUPPORTED */
export function createMemoryFile(name: string): number {
  const memory = allocate(name.length + 1);
  memory.bytes.set(Buffer.from(name));
  const fd = Number(syscall()(memfdCreate, memory.address, closeOnExec, 0, 0, 0, 0));
  if (fd >= 0) return fd;
  throw unsupported('make a file in memory', name, lastFailure('memfd_create'));
}

/** Another descriptor of the same file, at least that high; closed on exec. @throws SilostatError ERR_UNSUPPORTED */
export function duplicateAbove(fd: number, least: number): number {
  const another = Number(fcntl()(fd, duplicateCloseOnExec, least));
  if (another >= 0) return another;
  throw unsupported('duplicate descriptor', String(fd), lastFailure('fcntl'));
}

const perfEventOpenNumbers: Partial<Record<NodeJS.Architecture, number>> = { x64: 298, arm64: 241 };

/** perf_event_open(2) with close-on-exec. @throws SilostatError ERR_UNSUPPORTED */
export function openPerfEvent(attributes: Uint8Array, pid: number, processor: number): number {
  const number = perfEventOpenNumbers[process.arch];
  const memory = allocate(attributes.length);
  memory.bytes.set(attributes);
  const none = 0xffff_ffff_ffff_ffffn;
  const perfCloseOnExec = 8;
  const fd = number === undefined ? -1 : syscall()(number, memory.address, pid, processor, none, perfCloseOnExec, 0);
  if (Number(fd) >= 0) return Number(fd);
  throw unsupported('watch the starts of', String(pid), lastFailure('perf_event_open'));
}

/** node:fs closes what it opened (in a worker thread it complains of others); this, what a call here opened. */
export function closeDescriptor(fd: number): void {
  close()(fd);
}

/** A file's memory, shared with the kernel. */
export interface SharedMemory {
  /** Copies from it. */
  read(offset: number, length: number): DataView;
  /** Writes a whole number of 64 bits into it. */
  writeNumber(offset: number, value: bigint): void;
  close(): void;
}

/** @throws SilostatError ERR_UNSUPPORTED */
export function mapFile(fd: number, size: number): SharedMemory {
  const address = mmap()(0, size, protReadWrite, mapShared, fd, 0) as number;
  if (Number(address) > 2 ** 53) throw unsupported('map', String(fd), lastFailure('mmap'));
  const number = allocate(8);
  return {
    read(offset, length) {
      const memory = allocate(length);
      memcpy()(memory.address, address + offset, length);
      return memory.view;
    },
    writeNumber(offset, value) {
      number.view.setBigUint64(0, value, true);
      memcpy()(address + offset, number.address, 8);
    },
    close() {
      munmap()(address, size);
    },
  };
}

/** A function of the C library, declared when it is first asked for. */
function libcFunction(name: string, result: NativeType, parameters: readonly NativeType[]): () => NativeFunction {
  let declared: NativeFunction | undefined;
  return () => {
    declared ??= loadLibrary(null).declare(name, result, parameters);
    return declared as (...args: NativeValue[]) => NativeValue;
  };
}

function lastFailure(api: string): NativeError {
  const errno = lastErrno();
  return new NativeError(api, 'errno', errno, errno > 0 ? getSystemErrorName(-errno) : undefined);
}

function unsupported(operation: string, subject: string, cause: NativeError): SilostatError {
  const symbol = cause.status > 0 ? getSystemErrorName(-cause.status) : undefined;
  const code = codeOfErrno(symbol) === 'ERR_ACCESS_DENIED' ? 'ERR_ACCESS_DENIED' : 'ERR_UNSUPPORTED';
  return new SilostatError(code, { subject, operation, reason: cause.message, cause });
}
