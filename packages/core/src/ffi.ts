import { createRequire } from 'node:module';
import { SilostatError } from './errors.ts';

/** An address in this process. User-space addresses lie far below 2^53. */
export type Address = number & { readonly [addressBrand]: true };
declare const addressBrand: unique symbol;

/**
 * C types at the border. Every pointer and handle is a `uintptr_t`, that is, a number: koffi passes those on unchanged,
 * which is the fastest way there is, and checks nothing, so whoever declares a function must get the widths right.
 */
export type NativeType = 'void' | 'int32_t' | 'uint32_t' | 'int64_t' | 'uint64_t' | 'size_t' | 'uintptr_t';

/** What an integer argument or result is; a result above 2^53 comes back as a bigint. */
export type NativeValue = number | bigint;

export type NativeFunction = (...args: NativeValue[]) => NativeValue;

/**
 * A function that runs on a thread of Node's pool instead of the one that runs JavaScript. What its arguments point to is
 * kept alive by the caller until it is settled. It cannot be cancelled: a call that never returns occupies its thread, and
 * Node does not exit before it has returned.
 */
export type AsyncNativeFunction = (...args: NativeValue[]) => Promise<NativeValue>;

export interface NativeLibrary {
  readonly path: string;
  /**
   * Declares a function of the library. Declaring costs some 10 us: do it once.
   * @throws SilostatError ERR_UNSUPPORTED where the library has no such function.
   */
  declare(name: string, result: NativeType, parameters: readonly NativeType[]): NativeFunction;
  /** The same, to be called off the thread that runs JavaScript. */
  declareAsync(name: string, result: NativeType, parameters: readonly NativeType[]): AsyncNativeFunction;
}

/** A function of ours that native code can call, from any thread. */
export interface NativeCallback {
  readonly address: Address;
  /** Nobody may call it any more. */
  unregister(): void;
}

/** Memory at a fixed address, for answers of native functions. Whoever calls with `address` keeps this object alive. */
export interface NativeMemory {
  readonly address: Address;
  /** Bytes. */
  readonly size: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

/** The part of koffi that is used; its own types would make every user of ours install its declarations. */
interface Koffi {
  load(path: string | null): {
    func(name: string, result: string, parameters: readonly string[]): KoffiFunction;
  };
  address(value: ArrayBufferView): bigint;
  errno(): number;
  proto(result: string, parameters: readonly string[]): object;
  pointer(type: object): object;
  register(callback: (...args: NativeValue[]) => void, type: object): bigint;
  unregister(callback: bigint): void;
  decode: { string16(address: number): string };
}

interface KoffiFunction extends NativeFunction {
  async(...args: [...NativeValue[], (error: Error | null, result: NativeValue) => void]): void;
  errno(): number;
}

const alignment = 16;
const require = createRequire(import.meta.url);
const callbackTypes = new Map<string, object>();
let koffi: Koffi | undefined;

/**
 * Loads a shared library. `null` is the running program itself (on Linux its C library included).
 * Give an absolute path, or the name of a library that is certain to be loaded already: anything else can be planted.
 * @throws SilostatError ERR_UNSUPPORTED
 */
export function loadLibrary(path: string | null): NativeLibrary {
  const name = path ?? 'this program';
  const library = orUnsupported('load library', name, () => loadKoffi().load(path));
  const declare = (symbol: string, result: NativeType, parameters: readonly NativeType[]): KoffiFunction =>
    orUnsupported('find function', `${symbol} in ${name}`, () => library.func(symbol, result, parameters));
  return {
    path: name,
    declare,
    declareAsync: (...declaration) => promised(declare(...declaration)),
  };
}

/** Where bytes lie. They stay there as long as they live: whoever passes the address on keeps them alive. */
export function addressOf(bytes: Uint8Array): Address {
  return Number(loadKoffi().address(bytes)) as Address;
}

/**
 * Lets native code call `listener` from any thread. The call waits there until JavaScript has run it: whoever makes
 * JavaScript wait for that thread waits for ever. What the arguments point to is valid during the call alone.
 */
export function registerCallback(
  parameters: readonly NativeType[],
  listener: (...args: NativeValue[]) => void,
): NativeCallback {
  const { register, unregister } = loadKoffi();
  const callback = register(listener, callbackType(parameters));
  return { address: Number(callback) as Address, unregister: () => unregister(callback) };
}

/** koffi keeps every type for good: each is made once. */
function callbackType(parameters: readonly NativeType[]): object {
  const key = parameters.join();
  let type = callbackTypes.get(key);
  if (type === undefined) {
    const { proto, pointer } = loadKoffi();
    type = pointer(proto('void', parameters));
    callbackTypes.set(key, type);
  }
  return type;
}

/** The UTF-16 text at an address, up to its NUL. */
export function readWideText(address: Address): string {
  return loadKoffi().decode.string16(address);
}

/** Zeroed memory, aligned to 16 bytes, that neither moves nor ends before the returned object does. */
export function allocate(size: number): NativeMemory {
  const whole = new Uint8Array(new ArrayBuffer(size + alignment));
  const start = addressOf(whole);
  const skip = (alignment - (start % alignment)) % alignment;
  return {
    address: (start + skip) as Address,
    size,
    view: new DataView(whole.buffer, skip, size),
    bytes: whole.subarray(skip, skip + size),
  };
}

/** Memory that is allocated when it is first asked for and then always the same. */
export function allocateOnce(size: number): () => NativeMemory {
  let memory: NativeMemory | undefined;
  return () => {
    memory ??= allocate(size);
    return memory;
  };
}

/** errno of the call before, right after it. */
export function lastErrno(): number {
  return loadKoffi().errno();
}

/** koffi is loaded by the first call that needs it: who only imports silostat does not pay for it. */
function loadKoffi(): Koffi {
  koffi ??= orUnsupported('load', 'koffi', () => require('koffi') as Koffi);
  return koffi;
}

function promised(call: KoffiFunction): AsyncNativeFunction {
  return (...args) =>
    new Promise((resolve, reject) => {
      call.async(...args, (error, result) => (error === null ? resolve(result) : reject(error)));
    });
}

function orUnsupported<T>(operation: string, subject: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new SilostatError('ERR_UNSUPPORTED', { operation, subject, reason, cause });
  }
}
