import type { ComputeSystem, QueryOptions } from './compute-system.ts';
import type { QueryResult, Reason, TypeReport } from './report.ts';
import { checkedTypes } from './requested-types.ts';
import type { Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';
import { isPropertyType } from './schema/property-type.ts';

/** What a job container answers: what its compute system says, and after the end what that said last. */
export class JobAnswers {
  readonly #system: ComputeSystem;
  readonly #types: readonly PropertyType[];
  #last: QueryResult | undefined;
  #failure: unknown;
  #ended = false;

  /** @param types what is kept at the end: all that the kernel answers on this system */
  constructor(system: ComputeSystem, types: readonly PropertyType[]) {
    this.#system = system;
    this.#types = types;
  }

  async properties(types: readonly PropertyType[], options?: QueryOptions): Promise<Properties> {
    return (await this.query(types, options)).properties;
  }

  async query(types: readonly PropertyType[], options?: QueryOptions): Promise<QueryResult> {
    if (!this.#ended) return this.#system.query(types, options);
    const wanted = checkedTypes(types);
    if (this.#last === undefined) throw this.#failure;
    return only(wanted, this.#last);
  }

  /** Reads the last values, and answers with them from now on. To be called when all processes have ended, before the job goes. */
  async end(): Promise<void> {
    if (this.#ended) return;
    try {
      this.#last = await this.#system.query(this.#types);
    } catch (error) {
      this.#failure = error;
    }
    this.#ended = true;
  }
}

/** Of what was read, the types that are asked for; nobody can answer others any more. */
function only(wanted: readonly PropertyType[], { properties, report }: QueryResult): QueryResult {
  const left = Object.entries(properties).filter(([name]) => !isPropertyType(name) || wanted.includes(name));
  const types = wanted.map((type): [PropertyType, TypeReport] => [type, report.types[type] ?? notKept]);
  return {
    properties: Object.fromEntries(left) as unknown as Properties,
    report: { ...report, types: Object.fromEntries(types) },
  };
}

const ended: Reason = Object.freeze({ code: 'ERR_CLOSED', message: 'the job container has ended' });

const notKept: TypeReport = Object.freeze({
  durationMs: 0,
  sources: {},
  absent: {},
  estimated: [],
  lowerBounds: [],
  complete: false,
  fallback: ended,
});
