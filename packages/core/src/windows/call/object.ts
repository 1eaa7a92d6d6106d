import { SilostatError } from '../../errors.ts';
import type { NativeFunction, NativeMemory } from '../../ffi.ts';
import { allocate, allocateOnce } from '../../ffi.ts';
import { OBJECT_ATTRIBUTES, UNICODE_STRING } from '../abi/object.ts';
import { STATUS_INVALID_HANDLE } from '../abi/status.ts';
import type { Handle } from './handle.ts';
import { refuseZero, toHandle } from './handle.ts';
import type { NtStatus } from './nt-status.ts';
import { readyReturnLength, succeeded, toldReturnLength } from './nt-status.ts';
import { ntFunction } from './system-library.ts';

const open = ['uintptr_t', 'uint32_t', 'uintptr_t', 'uintptr_t', 'uintptr_t'] as const;
const NtOpenJobObject = ntFunction('NtOpenJobObject', open);
const NtCreateJobObject = ntFunction('NtCreateJobObject', open);
const NtOpenDirectoryObject = ntFunction('NtOpenDirectoryObject', open);
const NtQueryDirectoryObject = ntFunction('NtQueryDirectoryObject', [
  'uintptr_t',
  'uintptr_t',
  'uint32_t',
  'uint32_t',
  'uint32_t',
  'uintptr_t',
  'uintptr_t',
]);
const NtQuerySecurityObject = ntFunction('NtQuerySecurityObject', [
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
]);

/** Bytes: UNICODE_STRING counts them in 16 bits, and Windows wants an even number with room for a terminator. */
const longestName = 65532;
/** Bytes of attributes and name that are enough for any container. */
const usualBlock = 1024;
/** Where the name stands behind the structures that lead to it. */
const nameOffset = OBJECT_ATTRIBUTES.size + UNICODE_STRING.size;
const outHandle = allocateOnce(8);
const directoryContext = allocateOnce(4);
let attributes: NativeMemory | undefined;

/** What opening an object gave: a handle, or the status. */
export type Opened = { readonly handle: Handle } | { readonly handle?: undefined; readonly status: NtStatus };

/** NtOpenJobObject with exactly `access`; not inheritable, and the name's case counts. */
export function openJob(path: string, access: number): Opened {
  return openNamed(NtOpenJobObject(), path, access);
}

/**
 * NtCreateJobObject with exactly `access`; not inheritable. An existing name is STATUS_OBJECT_NAME_COLLISION.
 * @param security address of the security descriptor; 0 for that of our token
 */
export function createJob(path: string | undefined, access: number, security = 0): Opened {
  return openNamed(NtCreateJobObject(), path, access, security);
}

/** NtOpenDirectoryObject. */
export function openDirectory(path: string, access: number): Opened {
  return openNamed(NtOpenDirectoryObject(), path, access);
}

/**
 * NtQueryDirectoryObject for one entry: Wine 8 has no other form. The first call, with `restart`, begins at the top; the
 * place in the directory is kept between calls, so only one walk goes on at a time.
 */
export function queryDirectoryEntry(directory: Handle, into: NativeMemory, restart: boolean): NtStatus {
  refuseZero(directory, 'NtQueryDirectoryObject');
  const context = directoryContext().address;
  const told = readyReturnLength();
  return NtQueryDirectoryObject()(directory, into.address, into.size, 1, restart ? 1 : 0, context, told) as number;
}

/** NtQuerySecurityObject. `needed` is the length that would have done. */
export function querySecurity(
  object: Handle,
  information: number,
  into: NativeMemory,
): { status: NtStatus; needed: number } {
  refuseZero(object, 'NtQuerySecurityObject');
  const told = readyReturnLength();
  const status = NtQuerySecurityObject()(object, information, into.address, into.size, told) as number;
  return { status, needed: toldReturnLength() ?? 0 };
}

function openNamed(open: NativeFunction, path: string | undefined, access: number, security = 0): Opened {
  const block = writeAttributes(path);
  block.view.setBigUint64(OBJECT_ATTRIBUTES.SecurityDescriptor, BigInt(security), true);
  const out = outHandle();
  out.view.setBigUint64(0, 0n, true);
  const status = open(out.address, access, block.address, 0, 0) as number;
  if (!succeeded(status)) return { status };
  const handle = toHandle(Number(out.view.getBigUint64(0, true)));
  return handle === undefined ? { status: STATUS_INVALID_HANDLE } : { handle };
}

/** OBJECT_ATTRIBUTES, its UNICODE_STRING and the name, one after the other. Attributes stay 0: not inheritable. */
function writeAttributes(path: string | undefined): NativeMemory {
  const length = 2 * (path?.length ?? 0);
  if (length > longestName) throw nameTooLong(path ?? '');
  const block = blockOf(nameOffset + length + 2);
  const { view, address } = block;
  block.bytes.fill(0, 0, nameOffset);
  view.setUint32(OBJECT_ATTRIBUTES.Length, OBJECT_ATTRIBUTES.size, true);
  if (path === undefined) return block;
  view.setBigUint64(OBJECT_ATTRIBUTES.ObjectName, BigInt(address + OBJECT_ATTRIBUTES.size), true);
  view.setUint16(OBJECT_ATTRIBUTES.size + UNICODE_STRING.Length, length, true);
  view.setUint16(OBJECT_ATTRIBUTES.size + UNICODE_STRING.MaximumLength, length, true);
  view.setBigUint64(OBJECT_ATTRIBUTES.size + UNICODE_STRING.Buffer, BigInt(address + nameOffset), true);
  for (let i = 0; i < path.length; i++) view.setUint16(nameOffset + 2 * i, path.charCodeAt(i), true);
  return block;
}

function blockOf(size: number): NativeMemory {
  if (attributes === undefined || attributes.size < size) attributes = allocate(Math.max(size, usualBlock));
  return attributes;
}

function nameTooLong(path: string): SilostatError {
  return new SilostatError('ERR_INVALID_ARGUMENT', {
    subject: `${path.slice(0, 60)}…`,
    operation: 'open',
    reason: `an object name has at most ${longestName / 2} UTF-16 units`,
  });
}
