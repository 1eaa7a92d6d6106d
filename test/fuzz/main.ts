// `npm run fuzz [-- --inputs N] [-- --seed S] [-- --only NUMBER]`: mutated kernel files for all parsers.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const tree = fileURLToPath(new URL('../../../packages/core/test/fixtures/linux', import.meta.url));
const fuzz = new Fuzz(tree, Number(values.seed));
const began = performance.now();
if (values.only !== undefined) fuzz.try(Number(values.only));
else for (let number = 0; number < Number(values.inputs); number += 1) fuzz.try(number);
for (const [name, { values: parsed, refused }] of fuzz.tally.byTarget) {
  console.log(`${name.padEnd(24)} ${String(parsed).padStart(8)} values ${String(refused).padStart(8)} refused`);
}
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`${fuzz.tally.inputs} inputs of seed ${values.seed} in ${seconds} s: values or ERR_PARSE, nothing else`);
