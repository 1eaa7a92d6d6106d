import type { ComputeSystemSummary } from 'silostat';
import { podOf } from './render/identity-columns.ts';
import { UsageError } from './usage-error.ts';

const kinds = ['name', 'engine', 'label', 'pod'] as const;
type Kind = (typeof kinds)[number];

/** One `--filter KEY=VALUE`. */
export interface Filter {
  readonly kind: Kind;
  readonly value: string;
}

/** @throws UsageError for what is no filter. */
export function parseFilters(texts: readonly string[]): Filter[] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    const kind = kinds.find((each) => each === text.slice(0, Math.max(0, at)));
    const value = text.slice(at + 1);
    if (kind !== undefined && value !== '') return { kind, value };
    throw new UsageError(
      `${JSON.stringify(text)} is no filter: give ${kinds.map((each) => `${each}=VALUE`).join(', ')}`,
    );
  });
}

/** True for what all kinds of filters let through: of one kind any may, of the labels all must. */
export function isWanted(summary: ComputeSystemSummary, filters: readonly Filter[]): boolean {
  return kinds.every((kind) => {
    const values = filters.filter((filter) => filter.kind === kind).map(({ value }) => value);
    if (values.length === 0) return true;
    const matches = (value: string): boolean => matchers[kind](summary, value);
    return kind === 'label' ? values.every(matches) : values.some(matches);
  });
}

const matchers: Readonly<Record<Kind, (summary: ComputeSystemSummary, value: string) => boolean>> = {
  /** A part of a name or of the id's beginning, as the engines' own filters take it. */
  name: ({ Id, Names }, value) => Id.startsWith(value) || Names.some((name) => name.includes(value)),
  engine: ({ Owner }, value) => Owner.toLowerCase() === value.toLowerCase(),
  /** `key`, or `key=value`. */
  label: ({ Labels = {} }, value) => {
    const at = value.indexOf('=');
    return at < 0 ? Object.hasOwn(Labels, value) : Labels[value.slice(0, at)] === value.slice(at + 1);
  },
  /** Its name, `namespace/name`, or its uid. */
  pod: (summary, value) =>
    podOf(summary) === value ||
    summary.Pod?.Name === value ||
    (summary.Pod?.Uid !== undefined && summary.Pod.Uid === value),
};
