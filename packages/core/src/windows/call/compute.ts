import { SilostatError } from '../../errors.ts';
import type { Address, AsyncNativeFunction, NativeCallback, NativeMemory, NativeValue } from '../../ffi.ts';
import { allocate, readWideText, registerCallback } from '../../ffi.ts';
import { asyncSystemFunction, systemFunction } from './system-library.ts';

/** An HCS_SYSTEM or the handle of a callback: a number that only HCS understands. */
export type ComputeHandle = bigint & { readonly [computeHandleBrand]: true };
declare const computeHandleBrand: unique symbol;

/** What a call said: its HRESULT as an unsigned number, and the result document, where there is one. */
export interface ComputeStatus {
  readonly status: number;
  readonly result: string | undefined;
}

/** The calls that make a system go from one state to another: each takes it, and options. */
export type ComputeControl = 'Start' | 'Shutdown' | 'Terminate' | 'Pause' | 'Resume';

/** What HCS tells of a system that has been opened. */
export interface ComputeNotification {
  readonly type: number;
  /** The number that was given to `registerComputeCallback`. */
  readonly context: number;
  readonly status: number;
  readonly data: string | undefined;
}

const address = 'uintptr_t';
const CoTaskMemFree = systemFunction('ole32.dll', 'CoTaskMemFree', 'void', [address]);
const HcsEnumerateComputeSystems = vmcompute('HcsEnumerateComputeSystems', 3);
const HcsOpenComputeSystem = vmcompute('HcsOpenComputeSystem', 3);
const HcsCreateComputeSystem = vmcompute('HcsCreateComputeSystem', 5);
const HcsCloseComputeSystem = vmcompute('HcsCloseComputeSystem', 1);
const HcsGetComputeSystemProperties = vmcompute('HcsGetComputeSystemProperties', 4);
const HcsModifyComputeSystem = vmcompute('HcsModifyComputeSystem', 3);
const HcsRegisterComputeSystemCallback = vmcompute('HcsRegisterComputeSystemCallback', 4);
const HcsUnregisterComputeSystemCallback = vmcompute('HcsUnregisterComputeSystemCallback', 1);
const controls: Readonly<Record<ComputeControl, () => AsyncNativeFunction>> = {
  Start: vmcompute('HcsStartComputeSystem', 3),
  Shutdown: vmcompute('HcsShutdownComputeSystem', 3),
  Terminate: vmcompute('HcsTerminateComputeSystem', 3),
  Pause: vmcompute('HcsPauseComputeSystem', 3),
  Resume: vmcompute('HcsResumeComputeSystem', 3),
};

/** Two out-parameters: the answer, and the result document. */
const outSize = 16;
/** What the calls under way read and write. */
const held = new Set<readonly NativeMemory[]>();

/** HcsEnumerateComputeSystems. `document` is the list that it returned, undefined for none. */
export async function enumerateComputeSystems(
  query: string,
): Promise<ComputeStatus & { document: string | undefined }> {
  const { first, ...answer } = await invoke(HcsEnumerateComputeSystems(), (out, text) => [text(query), ...out]);
  return { ...answer, document: takeText(first) };
}

/** HcsOpenComputeSystem. */
export async function openComputeSystem(id: string): Promise<ComputeStatus & { handle: ComputeHandle }> {
  const { first, ...answer } = await invoke(HcsOpenComputeSystem(), (out, text) => [text(id), ...out]);
  return { ...answer, handle: first as ComputeHandle };
}

/** HcsCreateComputeSystem. */
export async function createComputeSystem(
  id: string,
  configuration: string,
): Promise<ComputeStatus & { handle: ComputeHandle }> {
  const ours = 0;
  const { first, ...answer } = await invoke(HcsCreateComputeSystem(), (out, text) => [
    text(id),
    text(configuration),
    ours,
    ...out,
  ]);
  return { ...answer, handle: first as ComputeHandle };
}

/** HcsGetComputeSystemProperties. `document` is undefined where it returned none. */
export async function getComputeSystemProperties(
  system: ComputeHandle,
  query: string,
): Promise<ComputeStatus & { document: string | undefined }> {
  const { first, ...answer } = await invoke(HcsGetComputeSystemProperties(), (out, text) => [
    system,
    text(query),
    ...out,
  ]);
  return { ...answer, document: takeText(first) };
}

/** HcsModifyComputeSystem. */
export function modifyComputeSystem(system: ComputeHandle, settings: string): Promise<ComputeStatus> {
  return invoke(HcsModifyComputeSystem(), ([, result], text) => [system, text(settings), result]);
}

/** HcsStartComputeSystem and its likes. */
export function controlComputeSystem(
  control: ComputeControl,
  system: ComputeHandle,
  options: string,
): Promise<ComputeStatus> {
  return invoke(controls[control](), ([, result], text) => [system, text(options), result]);
}

/** HcsCloseComputeSystem. */
export function closeComputeSystem(system: ComputeHandle): Promise<ComputeStatus> {
  return invoke(HcsCloseComputeSystem(), () => [system]);
}

/** HcsRegisterComputeSystemCallback: `callback` is called with `context` until it is unregistered. */
export async function registerComputeCallback(
  system: ComputeHandle,
  callback: Address,
  context: number,
): Promise<ComputeStatus & { handle: ComputeHandle }> {
  const { first, ...answer } = await invoke(HcsRegisterComputeSystemCallback(), ([out]) => [
    system,
    callback,
    context,
    out,
  ]);
  return { ...answer, handle: first as ComputeHandle };
}

/** HcsUnregisterComputeSystemCallback: it waits for those who are in the callback, and for JavaScript with them. */
export function unregisterComputeCallback(handle: ComputeHandle): Promise<ComputeStatus> {
  return invoke(HcsUnregisterComputeSystemCallback(), () => [handle]);
}

/** A callback for any number of systems, which `context` tells apart. `receive` must not throw. */
export function computeCallback(receive: (notification: ComputeNotification) => void): NativeCallback {
  return registerCallback(['uint32_t', address, 'uint32_t', address], (type, context, status, data) => {
    const text = Number(data) === 0 ? undefined : readWideText(Number(data) as Address);
    receive({ type: Number(type), context: Number(context), status: Number(status), data: text });
  });
}

type Arguments = (
  out: readonly [first: Address, result: Address],
  text: (text: string) => Address,
) => readonly NativeValue[];

/** Makes a call on another thread. The result document is freed, whatever the call said. */
async function invoke(call: AsyncNativeFunction, build: Arguments): Promise<ComputeStatus & { first: bigint }> {
  const out = allocate(outSize);
  const memory = [out];
  const text = (value: string): Address => {
    const written = wideText(value);
    memory.push(written);
    return written.address;
  };
  const args = build([out.address, (out.address + 8) as Address], text);
  held.add(memory);
  try {
    const status = (await call(...args)) as number;
    return { status, first: out.view.getBigUint64(0, true), result: takeText(out.view.getBigUint64(8, true)) };
  } finally {
    held.delete(memory);
  }
}

/** The text that HCS allocated for us, which is freed with that. */
function takeText(pointer: bigint): string | undefined {
  if (pointer === 0n) return undefined;
  try {
    return readWideText(Number(pointer) as Address);
  } finally {
    CoTaskMemFree()(pointer);
  }
}

function wideText(text: string): NativeMemory {
  if (text.includes('\0')) {
    throw new SilostatError('ERR_INVALID_ARGUMENT', {
      operation: 'ask HCS for',
      subject: text,
      reason: 'it holds a NUL',
    });
  }
  const memory = allocate(2 * (text.length + 1));
  for (let i = 0; i < text.length; i++) memory.view.setUint16(2 * i, text.charCodeAt(i), true);
  return memory;
}

/** A function of vmcompute.dll: whatever it takes is as wide as an address. */
function vmcompute(name: string, parameters: number): () => AsyncNativeFunction {
  return asyncSystemFunction('vmcompute.dll', name, 'uint32_t', Array<typeof address>(parameters).fill(address));
}
