import { setFlagsFromString } from 'node:v8';

/**
 * For a command that stays open for days, asleep most of the time: as it comes, V8 takes memory to save time. There is no way
 * back, and it holds back what the heap becomes, not what it is: so before anything is loaded.
 *
 * V8 looks at these flags whenever it grows a heap; it takes most others only as it starts.
 */
export function keepHeapSmall(): void {
  // What is dead is looked for sooner.
  setFlagsFromString('--optimize-for-size');
  // The young generation stays at the 2 MB that it begins with, instead of growing to 32 MB.
  setFlagsFromString('--semi-space-growth-factor=1');
  // The optimizing compiler takes 10 MB for its own code and what it makes, to run faster what runs once a second.
  setFlagsFromString('--no-opt');
}
