import type { Bench } from './harness.ts';
import { linuxFloor } from './linux/floor.ts';
import { hostGrowth } from './linux/growth.ts';
import { manyContainers } from './linux/many.ts';
import { windowsPrivateWorkingSet } from './windows/private-working-set.ts';

/** All benchmarks, in the order in which they run. */
export const benches: readonly Bench[] = [linuxFloor, hostGrowth, manyContainers, windowsPrivateWorkingSet];
