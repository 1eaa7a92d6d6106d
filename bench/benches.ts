import type { Bench } from './harness.ts';
import { linuxFloor } from './linux/floor.ts';
import { windowsPrivateWorkingSet } from './windows/private-working-set.ts';

/** All benchmarks, in the order in which they run. */
export const benches: readonly Bench[] = [linuxFloor, windowsPrivateWorkingSet];
