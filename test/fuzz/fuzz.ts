import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SilostatError } from 'silostat';
import { mutate, randomNumbers } from './mutate.ts';
import type { Target } from './targets.ts';
import { targets } from './targets.ts';

export interface Tally {
  inputs: number;
  /** How many gave values, and how many ERR_PARSE, by parser. */
  readonly byTarget: Map<string, { values: number; refused: number }>;
}

interface Pair {
  readonly target: Target;
  readonly file: string;
  readonly original: Buffer;
}

/** What stands behind the bytes of a file in a reused buffer: a parser that reads on gives itself away. */
const beyond = ['9'.repeat(64), '\n7 7\n7:7 Read 7\n', ' 7 kB\n'].map((text) => Buffer.from(text));

/** Mutated recorded files, each given to one parser. The same seed makes the same inputs. */
export class Fuzz {
  /** By target, in the order of the targets. */
  readonly #pairs: readonly (readonly Pair[])[];
  readonly #seed: number;
  readonly tally: Tally = { inputs: 0, byTarget: new Map() };

  /** @param tree a folder of recorded files */
  constructor(tree: string, seed: number) {
    const pairs = pairsIn(tree);
    this.#pairs = targets.map((target) => pairs.filter((pair) => pair.target === target));
    this.#seed = seed;
    const without = targets.filter((_, index) => this.#pairs[index]?.length === 0);
    if (without.length > 0) throw new Error(`no recorded file for ${without.map(({ name }) => name).join(', ')}`);
  }

  /** Tries the input of that number. @throws Error with the seed and the input, unless it gives right values or ERR_PARSE. */
  try(number: number): void {
    const random = randomNumbers(Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
    const pairs = this.#pairs[number % targets.length] as readonly Pair[];
    const { target, original, file } = pairs[random(pairs.length)] as Pair;
    const text = mutate(original, random);
    try {
      this.#judge(target, original, text);
    } catch (cause) {
      const input = JSON.stringify(text.toString('latin1'));
      throw new Error(`seed ${this.#seed}, input ${number}: ${target.name} of ${file}, given ${input}: ${cause}`, {
        cause,
      });
    }
    this.tally.inputs += 1;
  }

  #judge(target: Target, original: Buffer, text: Buffer): void {
    const counts = this.tally.byTarget.get(target.name) ?? { values: 0, refused: 0 };
    this.tally.byTarget.set(target.name, counts);
    const bytes = Buffer.concat([text, beyond[text.length % beyond.length] as Buffer]);
    let value: unknown;
    try {
      value = target.parser(original)(bytes, text.length, '/x/file');
    } catch (error) {
      if (!(error instanceof SilostatError) || error.code !== 'ERR_PARSE') throw error;
      counts.refused += 1;
      return;
    }
    target.judge(value, text.toString('latin1'));
    counts.values += 1;
  }
}

function pairsIn(tree: string): Pair[] {
  const names = readdirSync(tree, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(tree, name)).isFile(),
  );
  return names.sort().flatMap((file) => {
    const matching = targets.filter((target) => target.file.test(file.replaceAll('\\', '/')));
    const original = matching.length === 0 ? undefined : readFileSync(join(tree, file));
    return original === undefined ? [] : matching.map((target) => ({ target, file, original }));
  });
}
