import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const folder = new URL('../../../../docs/schema/', import.meta.url);

export type SchemaName = 'properties' | 'explained' | 'stats' | 'ls' | 'ps' | 'doctor' | 'run' | 'clean';

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
for (const name of readdirSync(folder))
  ajv.addSchema(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as object);

/** Parses an output and holds it against its schema in docs/schema. */
export function validated(name: SchemaName, text: string): unknown {
  const document: unknown = JSON.parse(text);
  const isValid = ajv.validate(`${name}.json`, document);
  assert.ok(isValid, `not a valid ${name} document: ${ajv.errorsText()}\n${text}`);
  return document;
}
