import { startUp } from './cli/start-up.ts';
import { topOfMany } from './cli/top.ts';
import type { Bench } from './harness.ts';
import { commands } from './linux/commands.ts';
import { linuxFloor } from './linux/floor.ts';
import { hostGrowth } from './linux/growth.ts';
import { manyContainers } from './linux/many.ts';
import { peersInProcess } from './linux/peers.ts';
import { windowsPrivateWorkingSet } from './windows/private-working-set.ts';

/** All benchmarks, in the order in which they run. */
export const benches: readonly Bench[] = [
  linuxFloor,
  hostGrowth,
  peersInProcess,
  commands,
  startUp,
  topOfMany,
  manyContainers,
  windowsPrivateWorkingSet,
];
