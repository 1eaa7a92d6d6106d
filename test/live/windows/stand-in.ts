import { existsSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The stand-in for vmcompute.dll (test/windows/c/vmcompute.h), where the lab has put it: what it is told, and what it counted. */
const path = 'C:\\windows\\system32\\vmcompute.dll';

export interface StandIn {
  /** Forgets all systems' faults and counts, and lets go of what hangs. */
  reset(): void;
  /** A compute system. `os` and `owner` may be "-". */
  system(id: string, options?: { kind?: string; os?: string; owner?: string; state?: string }): void;
  remove(id: string): void;
  /** What a system answers to a property type: a member of the document. */
  property(id: string, type: string, member: object | string): void;
  /** What the next so many calls do wrong; "*" for any system. */
  fault(call: string, id: string, times: number, kind: FaultKind, value?: number | string): void;
  /** Calls that hang go on. */
  release(): void;
  notify(id: string, type: number, status?: number): void;
  /** Calls of that name, "calls", "strings-given", "strings-freed", "handles-opened", ... since the last reset. */
  count(what: string): number;
}

/**
 * - `hr` value: the HRESULT that is returned; `hang`: until `release()`; `delay` ms
 * - `null`: success without a document; `text`: that text for a document
 * - `pending` ms: a notification tells later; `outcome` HRESULT: it tells a failure; `early`: it comes before the call has
 *   returned; `silent`: it never comes
 */
type FaultKind = 'hr' | 'hang' | 'delay' | 'null' | 'text' | 'pending' | 'outcome' | 'early' | 'silent';

interface KoffiFunctions {
  load(path: string): { func(declaration: string): (...args: unknown[]) => number };
}

/** Why a test that needs the stand-in cannot run; false when it can. */
export function noStandIn(): string | false {
  if (process.platform !== 'win32') return 'needs Windows, or Wine';
  return process.env['SILOSTAT_LAB_HOOK'] === undefined ? 'needs the stand-in for vmcompute.dll' : false;
}

let loaded: StandIn | undefined;

/** To be called within a test. */
export function standIn(): StandIn {
  loaded ??= load();
  loaded.reset();
  return loaded;
}

function load(): StandIn {
  const koffi = createRequire(import.meta.url)('koffi') as KoffiFunctions;
  const library = koffi.load(path);
  const obey = library.func('int standin_do(const char *line)');
  const count = library.func('int standin_count(const char *what)');
  const tell = (line: string): void => {
    if (obey(line) === 0) throw new Error(`the stand-in does not understand "${line}"`);
  };
  return {
    reset: () => tell('reset'),
    system: (id, options) => tell(systemLine(id, options)),
    remove: (id) => tell(`remove ${id}`),
    property: (id, type, member) => tell(propertyLine(id, type, member)),
    fault: (call, id, times, kind, value) => tell(`fault ${call} ${id} ${times} ${kind} ${value ?? ''}`),
    release: () => tell('release'),
    notify: (id, type, status = 0) => tell(`notify ${id} ${type} ${status}`),
    count: (what) => count(what),
  };
}

/** The same in words, for the file that SILOSTAT_STANDIN names to another process. */
export function systemLine(
  id: string,
  { kind = 'Container', os = 'Windows', owner = 'Docker', state = 'Running' }: Parameters<StandIn['system']>[1] = {},
): string {
  return `system ${id} ${kind} ${os} ${owner} ${state}`;
}

export function propertyLine(id: string, type: string, member: object | string): string {
  return `property ${id} ${type} ${typeof member === 'string' ? member : JSON.stringify(member).slice(1, -1)}`;
}

/** While `action` runs there is no vmcompute.dll for programs that are started meanwhile. */
export async function withoutStandIn(action: () => Promise<void>): Promise<void> {
  const away = `${path}.away`;
  if (existsSync(path)) renameSync(path, away);
  try {
    await action();
  } finally {
    renameSync(away, path);
  }
}
