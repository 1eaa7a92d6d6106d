import { existsSync } from 'node:fs';
import { openComputeSystem } from '#core/index.js';

/** Reads one container, for strace: what lies between the markers is one reading. Arguments: PATH TYPE READINGS */
const [, , path = '', type = 'Statistics', readings = '1'] = process.argv;
const system = await openComputeSystem(path);
for (let i = 0; i < Number(readings); i++) {
  existsSync('/begin-of-a-reading');
  await system.properties([type as 'Statistics' | 'ProcessList']);
  existsSync('/end-of-a-reading');
}
system.close();
