import { writeFileSync } from 'node:fs';
import { benches } from './benches.ts';
import { fullEffort, smokeEffort } from './harness.ts';

/**
 * One benchmark in a process of its own: its heap is nobody else's, and it can be ended.
 * Arguments: NAME full|smoke FILE, where the result goes to.
 */
const [, , name, effort, file = ''] = process.argv;
const bench = benches.find((each) => each.name === name);
if (bench === undefined) throw new Error(`there is no benchmark ${name}`);
writeFileSync(file, JSON.stringify(await bench.run(effort === 'smoke' ? smokeEffort : fullEffort)));
