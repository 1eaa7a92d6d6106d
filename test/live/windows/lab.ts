import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before } from 'node:test';
import { loadLibrary } from '#core/ffi.js';

/**
 * The Windows lab: C programs that own jobs and fill them with work, and a C reference that makes silostat's calls.
 * Where Wine lacks what Windows has, a hook DLL answers in its place, in this process and in the C reference alike.
 */

/** Folder of the C programs, and the hook DLL; set by the runner. */
const { SILOSTAT_LAB_BIN: bin, SILOSTAT_LAB_HOOK: hookPath } = process.env;

export interface Needs {
  /** The C programs. */
  programs?: boolean;
  /** Figures that Wine does not have: the hook there, Windows itself elsewhere. */
  figures?: boolean;
  /** The hook itself, to inject what cannot be provoked otherwise. */
  hook?: boolean;
  /** Wine as it is. */
  bareWine?: boolean;
}

/** Why a test cannot run here, for `{ skip }`; false when it can. */
export function skipReason(needs: Needs = {}): string | false {
  if (process.platform !== 'win32') return 'needs Windows, or Wine';
  if (needs.programs && bin === undefined) return 'needs the C programs of the lab (SILOSTAT_LAB_BIN)';
  if (needs.hook && hookPath === undefined) return 'needs the hook DLL (SILOSTAT_LAB_HOOK), to inject faults';
  if (needs.figures && isWine() && hookPath === undefined) return 'bare Wine has no such figures';
  if (needs.bareWine && !(isWine() && hookPath === undefined)) return 'about Wine without the hook';
  return false;
}

let wine: boolean | undefined;

function isWine(): boolean {
  if (wine === undefined) {
    try {
      loadLibrary('ntdll.dll').declare('wine_get_version', 'uintptr_t', []);
      wine = true;
    } catch {
      wine = false;
    }
  }
  return wine;
}

/** Matches any information class, or any process, in a fault. */
const any = 0xffffffff;
const always = 0xffffffff;

type HookedCall =
  | 'NtOpenProcess'
  | 'NtOpenJobObject'
  | 'NtCreateJobObject'
  | 'NtOpenDirectoryObject'
  | 'NtQueryInformationProcess'
  | 'NtQueryInformationJobObject'
  | 'NtSetInformationJobObject'
  | 'NtIsProcessInJob'
  | 'NtQuerySystemInformation'
  | 'NtClose';

interface Fault {
  call: HookedCall;
  /** Information class, or the pid for NtOpenProcess. */
  of?: number;
  /** Matching calls to let pass first. */
  skip?: number;
  times?: number;
}

interface Granted {
  count: number;
  /** Rights that some handle had. */
  any: number;
  /** Rights that every handle had. */
  all: number;
  /** Handle attributes that some handle had; 0x2 is inheritable. */
  attributes: number;
}

/** What the hook DLL does on demand, besides answering. */
export interface Hook {
  reset(): void;
  /** The call is not made and gives `status`. */
  fail(fault: Fault, status: number): void;
  /** The call is made and says that it wrote `length` bytes; what lies behind is left untouched. */
  shorten(fault: Fault, length: number): void;
  /** In the list of a job's processes, `foreign` stands in the place of `pid`. */
  reuse(pid: number, foreign: number): void;
  /** The job's processes are ended before the call is made. */
  terminateJob(fault: Fault, exitCode: number): void;
  /** The process is ended before the call is made. */
  kill(fault: Fault, pid: number): void;
  /** The handle of the job that was asked last is closed before the call is made. */
  closeJob(fault: Fault): void;
  /** Calls of this process since the last reset. */
  calls(call: HookedCall, of?: number): number;
  /** What the handles that this process opened since the last reset were granted, read back from the kernel. */
  granted(call: HookedCall): Granted;
  /** Sends a job's message to the port that was last associated with one. */
  post(message: number, pid: number): void;
}

const action = { status: 1, shorten: 2, reuse: 3, terminateJob: 4, kill: 5, closeHandle: 6 } as const;

interface KoffiFunctions {
  load(path: string): { func(declaration: string): (...args: unknown[]) => number };
}

let loaded: Hook | undefined;

/** Loads the hook, if there is one, before the first call of silostat. To be called at the top of a test file. */
export function useHook(): void {
  before(loadLabHook);
}

export function loadLabHook(): void {
  if (process.platform === 'win32' && hookPath !== undefined) loaded = loadHook(hookPath);
}

/** The hook; only for tests that need it. */
export function hook(): Hook {
  if (loaded === undefined) throw new Error('the hook is not loaded: call useHook(), and skip without it');
  return loaded;
}

function loadHook(path: string): Hook {
  const koffi = createRequire(import.meta.url)('koffi') as KoffiFunctions;
  const library = koffi.load(path);
  const reset = library.func('void hook_reset()');
  const inject = library.func(
    'void hook_fault(const char *call, uint32_t of, uint32_t skip, uint32_t times, uint32_t action, uint64_t value, uint64_t value2)',
  );
  const calls = library.func('uint32_t hook_calls(const char *call, uint32_t of)');
  const post = library.func('void hook_post(uint64_t job, uint32_t message, uint32_t pid)');
  const granted = library.func(
    'uint32_t hook_granted(const char *call, _Out_ uint32_t *any, _Out_ uint32_t *all, _Out_ uint32_t *attributes)',
  );
  const fault = ({ call, of = any, skip = 0, times = always }: Fault, kind: number, value: number, value2 = 0) => {
    inject(call, of, skip, times, kind, value, value2);
  };
  return {
    reset: () => void reset(),
    fail: (where, status) => fault(where, action.status, status),
    shorten: (where, length) => fault(where, action.shorten, length),
    reuse: (pid, foreign) => fault({ call: 'NtQueryInformationJobObject', of: 3 }, action.reuse, pid, foreign),
    terminateJob: (where, exitCode) => fault(where, action.terminateJob, exitCode),
    kill: (where, pid) => fault(where, action.kill, pid),
    closeJob: (where) => fault(where, action.closeHandle, 0),
    calls: (call, of = any) => calls(call, of),
    granted: (call) => {
      const [anyOf, allOf, attributes] = [[0], [0], [0]];
      const count = granted(call, anyOf, allOf, attributes);
      return { count, any: anyOf[0] ?? 0, all: allOf[0] ?? 0, attributes: attributes[0] ?? 0 };
    },
    post: (message, pid) => void post(0, message, pid),
  };
}

export type Json = { [key: string]: unknown };

/** A C program that answers each line with one line of JSON. */
export class Program {
  readonly #child: ReturnType<typeof spawn>;
  readonly #answers: AsyncIterator<string>;
  readonly #name: string;

  constructor(name: string, args: readonly string[] = []) {
    this.#name = name;
    this.#child = spawn(programPath(name), [...hookArguments(), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.#child.stdout === null) throw new Error(`${name} has no standard output`);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} was not started`);
    return this.#child.pid;
  }

  /** Sends a command and waits for its answer. */
  async ask<T = Json>(command: string): Promise<T> {
    this.#child.stdin?.write(`${command}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.#name} ended at "${command}"`);
    const answer = JSON.parse(value) as T & { ok?: boolean };
    if (answer.ok === false) throw new Error(`${this.#name}: ${command}: ${value}`);
    return answer;
  }

  /** Ends the program, and with it all processes that it made. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exited;
  }
}

/** What a process of a job says of itself. */
export interface MemberAccount {
  pid: number;
  touchedBytes: number;
  burnedUser100ns: number;
  burnedKernel100ns: number;
  readBytes: number;
  readOps: number;
  writtenBytes: number;
  writtenOps: number;
}

/** The owner of a job, and of the processes in it. */
export class Workload extends Program {
  private constructor() {
    super('workload');
  }

  /** A job of that name with so many processes. Ended after the test. */
  static async start(
    test: { after(done: () => Promise<void>): void },
    name: string,
    processes: number,
  ): Promise<{ workload: Workload; pids: number[] }> {
    const workload = new Workload();
    test.after(() => workload.end());
    await workload.ask(`create ${name}`);
    const pids = processes === 0 ? [] : await workload.spawn(processes);
    return { workload, pids };
  }

  /** Without a job: its processes are in whatever job it is put into itself. */
  static bare(test: { after(done: () => Promise<void>): void }): Workload {
    const workload = new Workload();
    test.after(() => workload.end());
    return workload;
  }

  async spawn(count: number): Promise<number[]> {
    return (await this.ask<{ pids: number[] }>(`spawn ${count}`)).pids;
  }

  /** Processes outside the job. */
  async outside(count: number): Promise<number[]> {
    return (await this.ask<{ pids: number[] }>(`outside ${count}`)).pids;
  }

  async accounts(): Promise<MemberAccount[]> {
    return (await this.ask<{ members: MemberAccount[] }>('report')).members;
  }
}

/** What a C program that makes silostat's calls says of a job. */
export interface ReferenceReport {
  assigned: number;
  pids: number[];
  memory: { JobMemory: number; PeakJobMemoryUsed: number };
  accounting: {
    TotalUserTime: number;
    TotalKernelTime: number;
    TotalPageFaultCount: number;
    TotalProcesses: number;
    ActiveProcesses: number;
  };
  storage: { [member: string]: number };
  privateWorkingSet: {
    bytes: number;
    read: number;
    gone: number;
    denied: number;
    reused: number;
    unreadable: number;
  };
  processes: {
    pid: number;
    /** FILETIME. */
    createTime: string;
    userTime: number;
    kernelTime: number;
    PrivateUsage: number;
    PrivateWorkingSetSize: number;
    WorkingSetSize: number;
    image: string;
  }[];
}

export async function runReference(job: string): Promise<ReferenceReport> {
  const [report] = await runProgram('reference', [...hookArguments(), '--job', job]);
  return report as unknown as ReferenceReport;
}

/** Runs a C program that prints lines of JSON. Integers of 16 digits or more come as text: JSON.parse would round them. */
export async function runProgram(name: string, args: readonly string[] = []): Promise<Json[]> {
  const child = spawn(programPath(name), [...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text, [code]] = await Promise.all([readAll(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${text}`);
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.replace(/:(\d{16,})/g, ':"$1"')) as Json);
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Where a C program of the lab is. */
export function programPath(name: string): string {
  if (bin === undefined) throw new Error('SILOSTAT_LAB_BIN is not set: skip without it');
  return join(bin, `${name}.exe`);
}

function hookArguments(): string[] {
  return hookPath === undefined ? [] : ['--hook', hookPath];
}

/** A name that no other test uses. */
export function uniqueId(): string {
  return `lab-${process.pid}-${++ids}`;
}
let ids = 0;
