import assert from 'node:assert/strict';
import { ComputeSystem, type ComputeSystemParts } from '../../dist/compute-system.js';
import { type ErrorCode, SilostatError } from '../../dist/errors.js';
import { ScriptedClock } from './clock.ts';
import { ScriptedAccess, type ScriptedJob } from './job.ts';
import type { ScriptedService } from './service.ts';

export const identity = Object.freeze({
  Id: 'web',
  SystemType: 'Container',
  RuntimeOsType: 'Windows',
  Owner: 'Docker',
});

export interface Stage {
  system: ComputeSystem;
  access: ScriptedAccess;
  job: ScriptedJob;
  clock: ScriptedClock;
}

/** A container with a scripted job and clock; without a service unless one is given. */
export function stage(parts: { service?: ScriptedService } & Partial<ComputeSystemParts> = {}): Stage {
  const access = new ScriptedAccess();
  const clock = new ScriptedClock();
  const system = new ComputeSystem({ identity, jobs: access, clock, ...parts });
  return { system, access, job: access.job, clock };
}

/** What a platform throws. */
export function failure(code: ErrorCode, reason: string = code): SilostatError {
  return new SilostatError(code, { subject: 'web', operation: 'read', reason });
}

/** The SilostatError that a query ends with. */
export async function thrownBy(query: Promise<unknown>): Promise<SilostatError> {
  const error: unknown = await query.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SilostatError, `a SilostatError, not ${String(error)}`);
  return error;
}
