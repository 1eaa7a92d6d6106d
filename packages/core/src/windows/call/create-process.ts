import type { NativeMemory } from '../../ffi.ts';
import { allocate } from '../../ffi.ts';
import {
  CREATE_UNICODE_ENVIRONMENT,
  EXTENDED_STARTUPINFO_PRESENT,
  PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
  PROC_THREAD_ATTRIBUTE_JOB_LIST,
  PROCESS_INFORMATION,
  STARTF_USESHOWWINDOW,
  STARTF_USESTDHANDLES,
  STARTUPINFOEXW,
  STARTUPINFOW,
} from '../abi/process-creation.ts';
import type { Handle, Win32Failure } from './handle.ts';
import { closeHandle, lastFailure, refuseZero } from './handle.ts';
import { systemFunction } from './system-library.ts';
import { wideSize, writeWideText } from './wide-text.ts';

const CreateProcessW = systemFunction('kernel32.dll', 'CreateProcessW', 'int32_t', [
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'int32_t',
  'uint32_t',
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
  'uintptr_t',
]);
const InitializeProcThreadAttributeList = systemFunction(
  'kernel32.dll',
  'InitializeProcThreadAttributeList',
  'int32_t',
  ['uintptr_t', 'uint32_t', 'uint32_t', 'uintptr_t'],
);
const UpdateProcThreadAttribute = systemFunction('kernel32.dll', 'UpdateProcThreadAttribute', 'int32_t', [
  'uintptr_t',
  'uint32_t',
  'uintptr_t',
  'uintptr_t',
  'size_t',
  'uintptr_t',
  'uintptr_t',
]);
const DeleteProcThreadAttributeList = systemFunction('kernel32.dll', 'DeleteProcThreadAttributeList', 'void', [
  'uintptr_t',
]);

export interface ProcessCreation {
  /** Path of the program: nothing is searched for. */
  readonly application: string;
  readonly commandLine: string;
  /** `NAME=value` with a NUL behind each; another NUL is added. */
  readonly environment: string;
  readonly directory: string;
  /** CREATE_*, DETACHED_PROCESS. */
  readonly flags: number;
  /** SW_*. */
  readonly showWindow: number;
  /** The process is in it before its first instruction. */
  readonly job: Handle;
  /** Inheritable, each another one; nothing else is inherited. */
  readonly stdio: readonly [Handle, Handle, Handle];
}

export interface CreatedProcess {
  /** Grants everything; the caller closes it. */
  readonly process: Handle;
  readonly pid: number;
}

const attributeCount = 2;
const handleSize = 8;

/**
 * CreateProcessW with PROC_THREAD_ATTRIBUTE_JOB_LIST and _HANDLE_LIST.
 *
 * All that the call is given lies in one block of memory, and its answer is read from there: so all of it is alive.
 */
export function createProcess(creation: ProcessCreation): CreatedProcess | Win32Failure {
  refuseZero(creation.job, 'CreateProcessW');
  for (const handle of creation.stdio) refuseZero(handle, 'CreateProcessW');
  const block = layOut(creation, attributeListSize());
  const { memory, attributes } = block;
  const failure = fillAttributes(block, creation);
  if (failure !== undefined) return failure;
  try {
    const { application, commandLine, environment, directory, startup, information } = block;
    const flags = creation.flags | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
    const to = (offset: number) => memory.address + offset;
    const made = CreateProcessW()(
      ...[to(application), to(commandLine), 0, 0, 1, flags >>> 0],
      ...[to(environment), to(directory), to(startup), to(information)],
    );
    if (made === 0) return lastFailure('CreateProcessW');
  } finally {
    DeleteProcThreadAttributeList()(memory.address + attributes);
  }
  return readInformation(block);
}

interface Block {
  readonly memory: NativeMemory;
  readonly attributes: number;
  readonly attributeBytes: number;
  readonly startup: number;
  readonly information: number;
  readonly stdio: number;
  readonly job: number;
  readonly size: number;
  readonly application: number;
  readonly commandLine: number;
  readonly environment: number;
  readonly directory: number;
}

/** Where everything stands, the texts and the handles filled in. */
function layOut(creation: ProcessCreation, attributeBytes: number): Block {
  let end = 0;
  const place = (bytes: number) => {
    const offset = end;
    end += Math.ceil(bytes / handleSize) * handleSize;
    return offset;
  };
  const { application, commandLine, environment, directory } = creation;
  const offsets = {
    attributes: place(attributeBytes),
    startup: place(STARTUPINFOEXW.size),
    information: place(PROCESS_INFORMATION.size),
    stdio: place(creation.stdio.length * handleSize),
    job: place(handleSize),
    size: place(handleSize),
    application: place(wideSize(application)),
    commandLine: place(wideSize(commandLine)),
    environment: place(wideSize(environment)),
    directory: place(wideSize(directory)),
  };
  const memory = allocate(end);
  writeWideText(memory, offsets.application, application);
  writeWideText(memory, offsets.commandLine, commandLine);
  writeWideText(memory, offsets.environment, environment);
  writeWideText(memory, offsets.directory, directory);
  writeStartup(memory, offsets.startup, creation, memory.address + offsets.attributes);
  creation.stdio.forEach((handle, i) => {
    memory.view.setBigUint64(offsets.stdio + handleSize * i, BigInt(handle), true);
  });
  memory.view.setBigUint64(offsets.job, BigInt(creation.job), true);
  return { memory, attributeBytes, ...offsets };
}

function writeStartup({ view }: NativeMemory, at: number, creation: ProcessCreation, attributes: number): void {
  const [input, output, error] = creation.stdio;
  view.setUint32(at + STARTUPINFOW.cb, STARTUPINFOEXW.size, true);
  view.setUint32(at + STARTUPINFOW.dwFlags, STARTF_USESTDHANDLES | STARTF_USESHOWWINDOW, true);
  view.setUint16(at + STARTUPINFOW.wShowWindow, creation.showWindow, true);
  view.setBigUint64(at + STARTUPINFOW.hStdInput, BigInt(input), true);
  view.setBigUint64(at + STARTUPINFOW.hStdOutput, BigInt(output), true);
  view.setBigUint64(at + STARTUPINFOW.hStdError, BigInt(error), true);
  view.setBigUint64(at + STARTUPINFOEXW.lpAttributeList, BigInt(attributes), true);
}

/** How much an attribute list takes: the call fails, and says so. */
function attributeListSize(): number {
  const size = allocate(handleSize);
  InitializeProcThreadAttributeList()(0, attributeCount, 0, size.address);
  return Number(size.view.getBigUint64(0, true));
}

function fillAttributes(block: Block, { stdio }: ProcessCreation): Win32Failure | undefined {
  const { memory, attributes, attributeBytes, size } = block;
  const list = memory.address + attributes;
  memory.view.setBigUint64(size, BigInt(attributeBytes), true);
  if (InitializeProcThreadAttributeList()(list, attributeCount, 0, memory.address + size) === 0) {
    return lastFailure('InitializeProcThreadAttributeList');
  }
  const update = (attribute: number, value: number, bytes: number) =>
    UpdateProcThreadAttribute()(list, 0, attribute, memory.address + value, bytes, 0, 0) !== 0;
  if (
    update(PROC_THREAD_ATTRIBUTE_JOB_LIST, block.job, handleSize) &&
    update(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, block.stdio, stdio.length * handleSize)
  ) {
    return undefined;
  }
  const failure = lastFailure('UpdateProcThreadAttribute');
  DeleteProcThreadAttributeList()(list);
  return failure;
}

function readInformation({ memory: { view }, information }: Block): CreatedProcess {
  closeHandle(Number(view.getBigUint64(information + PROCESS_INFORMATION.hThread, true)) as Handle);
  return {
    process: Number(view.getBigUint64(information + PROCESS_INFORMATION.hProcess, true)) as Handle,
    pid: view.getUint32(information + PROCESS_INFORMATION.dwProcessId, true),
  };
}
