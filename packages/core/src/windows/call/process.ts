import type { NativeMemory } from '../../ffi.ts';
import { allocateOnce } from '../../ffi.ts';
import type { Handle, Win32Failure } from './handle.ts';
import { lastFailure, refuseZero, toHandle } from './handle.ts';
import type { NtStatus } from './nt-status.ts';
import { checkReturnLength, readyReturnLength, toldReturnLength } from './nt-status.ts';
import { ntFunction, systemFunction } from './system-library.ts';

const OpenProcess = systemFunction('kernel32.dll', 'OpenProcess', 'uintptr_t', ['uint32_t', 'int32_t', 'uint32_t']);
const NtQueryInformationProcess = ntFunction('NtQueryInformationProcess', [
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
]);
const NtQuerySystemInformation = ntFunction('NtQuerySystemInformation', [
  'uint32_t',
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
  'uintptr_t',
]);
const GetActiveProcessorCount = systemFunction('kernel32.dll', 'GetActiveProcessorCount', 'uint32_t', ['uint32_t']);
const ProcessIdToSessionId = systemFunction('kernel32.dll', 'ProcessIdToSessionId', 'int32_t', [
  'uint32_t',
  'uintptr_t',
]);

/** The pseudo-handle of GetCurrentProcess: it grants everything and is never closed. */
const currentProcess = -1;
const TerminateProcess = systemFunction('kernel32.dll', 'TerminateProcess', 'int32_t', ['uintptr_t', 'uint32_t']);
const allProcessorGroups = 0xffff;
const sessionId = allocateOnce(4);

/** OpenProcess with exactly `access`; never inheritable. */
export function openProcess(pid: number, access: number): Handle | Win32Failure {
  return toHandle(OpenProcess()(access, 0, pid)) ?? lastFailure('OpenProcess');
}

/** NtQueryInformationProcess for a class with a fixed size: `into` has exactly that size. */
export function queryProcess(process: Handle, informationClass: number, into: NativeMemory): NtStatus {
  refuseZero(process, 'NtQueryInformationProcess');
  const told = readyReturnLength();
  const status = NtQueryInformationProcess()(process, informationClass, into.address, into.size, told) as number;
  return checkReturnLength(status, into.size);
}

/** NtQueryInformationProcess for a class whose answer is as long as it is, at most `into`. */
export function queryProcessText(process: Handle, informationClass: number, into: NativeMemory): NtStatus {
  refuseZero(process, 'NtQueryInformationProcess');
  const told = readyReturnLength();
  return NtQueryInformationProcess()(process, informationClass, into.address, into.size, told) as number;
}

/** NtQueryInformationProcess about ourselves. */
export function queryOwnProcess(informationClass: number, into: NativeMemory): NtStatus {
  const told = readyReturnLength();
  const status = NtQueryInformationProcess()(currentProcess, informationClass, into.address, into.size, told) as number;
  return checkReturnLength(status, into.size);
}

/** NtQuerySystemInformation; where `into` is too short, `needed` is the length that would have done a moment ago. */
export function querySystem(informationClass: number, into: NativeMemory): { status: NtStatus; needed: number } {
  const told = readyReturnLength();
  const status = NtQuerySystemInformation()(informationClass, into.address, into.size, told, 0) as number;
  return { status, needed: toldReturnLength() ?? 0 };
}

/** TerminateProcess. ERROR_ACCESS_DENIED for one that is ending already. */
export function terminateProcess(process: Handle, exitCode: number): Win32Failure | undefined {
  refuseZero(process, 'TerminateProcess');
  return TerminateProcess()(process, exitCode) === 0 ? lastFailure('TerminateProcess') : undefined;
}

/** TerminateProcess on ourselves: it does not come back. */
export function terminateOwnProcess(exitCode: number): void {
  TerminateProcess()(currentProcess, exitCode);
}

/** GetActiveProcessorCount over all processor groups. */
export function activeProcessorCount(): number | Win32Failure {
  const count = GetActiveProcessorCount()(allProcessorGroups) as number;
  return count > 0 ? count : lastFailure('GetActiveProcessorCount');
}

/** ProcessIdToSessionId. */
export function sessionOfProcess(pid: number): number | Win32Failure {
  const session = sessionId();
  if (ProcessIdToSessionId()(pid, session.address) === 0) return lastFailure('ProcessIdToSessionId');
  return session.view.getUint32(0, true);
}
