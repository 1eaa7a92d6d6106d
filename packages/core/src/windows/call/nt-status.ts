import type { Address } from '../../ffi.ts';
import { allocateOnce } from '../../ffi.ts';
import { STATUS_INFO_LENGTH_MISMATCH } from '../abi/status.ts';

/** An NTSTATUS as an unsigned number. */
export type NtStatus = number;

/** Stands in the ReturnLength until the system writes one. */
const untold = 0xffffffff;
const returnLength = allocateOnce(4);

/** Success is what is not negative as a signed number: 0, and the informational ones. */
export function succeeded(status: NtStatus): boolean {
  return (status | 0) >= 0;
}

/** Where the next query is to write its ReturnLength. */
export function readyReturnLength(): Address {
  const length = returnLength();
  length.view.setUint32(0, untold, true);
  return length.address;
}

/** What the query wrote; undefined if it wrote nothing. */
export function toldReturnLength(): number | undefined {
  const told = returnLength().view.getUint32(0, true);
  return told === untold ? undefined : told;
}

/** A successful query for a structure that says it wrote another number of bytes has not answered. */
export function checkReturnLength(status: NtStatus, expected: number): NtStatus {
  if (!succeeded(status)) return status;
  const told = returnLength().view.getUint32(0, true);
  return told === expected || told === untold ? status : STATUS_INFO_LENGTH_MISMATCH;
}
