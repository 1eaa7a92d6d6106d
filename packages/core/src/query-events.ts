import { channel } from 'node:diagnostics_channel';
import type { Reason, Report } from './report.ts';
import type { PropertyType } from './schema/property-type.ts';

/** Published on `silostat:query` after each query. */
export interface QueryEvent {
  id: string;
  report: Report;
  /** What the query threw. */
  error?: unknown;
}

/** Who answered a property type. */
export type Answerer = 'kernel' | 'service' | 'nobody';

/** Published on `silostat:fallback` when another than before answers a type that is the kernel's: once per change. */
export interface FallbackEvent {
  id: string;
  type: PropertyType;
  /** `kernel` at the first query. */
  from: Answerer;
  to: Answerer;
  /** Why the kernel did not answer; absent where it does again. */
  reason?: Reason;
}

const queries = channel('silostat:query');
const fallbacks = channel('silostat:fallback');

/** Tells who wants to know how the queries of one compute system went. The library itself never logs. */
export class QueryEvents {
  readonly #id: string;
  /** Of the types that another than the kernel answers; not made while there are none. */
  #answerers: Map<PropertyType, Answerer> | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** `asked`: the types for which the kernel was asked. */
  publish(report: Report, asked: ReadonlyMap<PropertyType, unknown>, error?: unknown): void {
    for (const type of asked.keys()) this.#noteAnswerer(type, report);
    if (!queries.hasSubscribers) return;
    const event: QueryEvent = { id: this.#id, report };
    if (error !== undefined) event.error = error;
    queries.publish(event);
  }

  #noteAnswerer(type: PropertyType, report: Report): void {
    const entry = report.types[type];
    const to = entry?.answeredBy ?? 'nobody';
    const from = this.#answerers?.get(type) ?? 'kernel';
    if (to === from) return;
    this.#answerers ??= new Map();
    this.#answerers.set(type, to);
    if (!fallbacks.hasSubscribers) return;
    const event: FallbackEvent = { id: this.#id, type, from, to };
    const reason = entry?.fallback ?? report.notOpened;
    if (reason !== undefined) event.reason = reason;
    fallbacks.publish(event);
  }
}
