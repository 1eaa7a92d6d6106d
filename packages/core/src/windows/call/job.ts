import type { NativeMemory } from '../../ffi.ts';
import { allocateOnce } from '../../ffi.ts';
import type { Handle, Win32Failure } from './handle.ts';
import { lastFailure, refuseZero } from './handle.ts';
import type { NtStatus } from './nt-status.ts';
import { checkReturnLength, readyReturnLength } from './nt-status.ts';
import { ntFunction, systemFunction } from './system-library.ts';

const information = ['uintptr_t', 'uint32_t', 'uintptr_t', 'uint32_t', 'uintptr_t'] as const;
const NtQueryInformationJobObject = ntFunction('NtQueryInformationJobObject', information);
const NtSetInformationJobObject = ntFunction('NtSetInformationJobObject', information);
const twoHandles = ['uintptr_t', 'uintptr_t'] as const;
const AssignProcessToJobObject = systemFunction('kernel32.dll', 'AssignProcessToJobObject', 'int32_t', twoHandles);
const TerminateJobObject = systemFunction('kernel32.dll', 'TerminateJobObject', 'int32_t', ['uintptr_t', 'uint32_t']);
const IsProcessInJob = systemFunction('kernel32.dll', 'IsProcessInJob', 'int32_t', [...twoHandles, 'uintptr_t']);

const isMember = allocateOnce(4);

/**
 * NtQueryInformationJobObject for a class with a fixed size: `into` has exactly that size.
 * An answer of another length is no answer: STATUS_INFO_LENGTH_MISMATCH.
 */
export function queryJob(job: Handle, informationClass: number, into: NativeMemory): NtStatus {
  refuseZero(job, 'NtQueryInformationJobObject');
  const told = readyReturnLength();
  const status = NtQueryInformationJobObject()(job, informationClass, into.address, into.size, told) as number;
  return checkReturnLength(status, into.size);
}

/** NtQueryInformationJobObject for a list: as much of it as fits. */
export function queryJobList(job: Handle, informationClass: number, into: NativeMemory): NtStatus {
  refuseZero(job, 'NtQueryInformationJobObject');
  return NtQueryInformationJobObject()(job, informationClass, into.address, into.size, 0) as number;
}

/** NtSetInformationJobObject with all of `from`. */
export function setJob(job: Handle, informationClass: number, from: NativeMemory): NtStatus {
  refuseZero(job, 'NtSetInformationJobObject');
  return NtSetInformationJobObject()(job, informationClass, from.address, from.size, 0) as number;
}

/** AssignProcessToJobObject. The process handle needs PROCESS_SET_QUOTA and PROCESS_TERMINATE. */
export function assignProcess(job: Handle, process: Handle): Win32Failure | undefined {
  refuseZero(job, 'AssignProcessToJobObject');
  refuseZero(process, 'AssignProcessToJobObject');
  return AssignProcessToJobObject()(job, process) === 0 ? lastFailure('AssignProcessToJobObject') : undefined;
}

/** TerminateJobObject: every process of the job ends with `exitCode`. */
export function terminateJob(job: Handle, exitCode: number): Win32Failure | undefined {
  refuseZero(job, 'TerminateJobObject');
  return TerminateJobObject()(job, exitCode) === 0 ? lastFailure('TerminateJobObject') : undefined;
}

/** IsProcessInJob. Its BOOLs are 4 bytes. */
export function isProcessInJob(process: Handle, job: Handle): boolean | Win32Failure {
  refuseZero(process, 'IsProcessInJob');
  refuseZero(job, 'IsProcessInJob');
  const answer = isMember();
  if (IsProcessInJob()(process, job, answer.address) === 0) return lastFailure('IsProcessInJob');
  return answer.view.getInt32(0, true) !== 0;
}
