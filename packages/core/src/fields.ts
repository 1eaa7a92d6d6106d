import type { Field } from './fields/field.ts';
import { limitFields } from './fields/limits-and-faults.ts';
import { linuxFields } from './fields/linux.ts';
import { linuxListFields } from './fields/linux-lists.ts';
import { processListFields } from './fields/process-list.ts';
import { statisticsFields } from './fields/statistics.ts';

export type { Field, FieldKind, FieldUnit } from './fields/field.ts';

/** The field catalogue: every figure once, in the order in which a person reads them. */
export const fields: readonly Field[] = [
  ...statisticsFields,
  ...processListFields,
  ...limitFields,
  ...linuxFields,
  ...linuxListFields,
];
