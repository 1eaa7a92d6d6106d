export type FieldUnit = 'bytes' | '100ns' | 'count' | 'processors' | 'timestamp';
export type FieldKind = 'counter' | 'gauge';

/** One figure of the documents. Every output (columns, JSON docs, metrics, docs/metrics.md) is fed from this list. */
export interface Field {
  /** Where it stands in a `Properties` document. */
  readonly path: string;
  /** The path of the list in each of whose entries it stands; absent = it stands once. */
  readonly each?: string;
  /** Short title for a column or a chart. */
  readonly title: string;
  /** One sentence: what the number is. */
  readonly meaning: string;
  readonly unit: FieldUnit;
  readonly kind: FieldKind;
  /** Where it is read; absent = that system does not have it. */
  readonly source: { readonly cgroup2?: string; readonly cgroup1?: string; readonly windows?: string };
  /** Oldest Linux kernel that has it on cgroup v2, where that is later than cgroup v2 itself (4.5). */
  readonly sinceLinux?: string;
  /** Windows counts it in 32 bits: it begins anew although the container does not. */
  readonly wraps?: true;
}
