import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchResult } from './harness.ts';
import { machineFacts } from './machine.ts';
import { markdownOf } from './render.ts';

const folder = fileURLToPath(new URL('../results/', import.meta.url));

/** Writes the table, and its figures as JSON, to bench/results. */
export function writeResult({ name, title, about }: Bench, result: BenchResult): void {
  const facts = machineFacts();
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}.json`, `${JSON.stringify({ name, title, facts, ...result }, undefined, 2)}\n`);
  writeFileSync(`${folder}${name}.md`, markdownOf(title, about, facts, result));
}
