import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JobContainer, JobContainerOptions, JobProcess, NativeError } from '#core/index.js';
import { createJobContainer, isSilostatError } from '#core/index.js';

type Test = { after(done: () => void | Promise<void>): void };

/** A job container that is closed after the test. */
export async function jobContainer(test: Test, options: JobContainerOptions = {}): Promise<JobContainer> {
  const job = await createJobContainer(options);
  test.after(() => job.close());
  const { spawn } = job;
  job.spawn = (...given) => insist(() => spawn.apply(job, given));
  return job;
}

/** On a busy machine Wine gives up on a child now and then: ERROR_INTERNAL_ERROR. */
function insist(spawn: () => JobProcess): JobProcess {
  for (let tries = 1; ; tries++) {
    try {
      return spawn();
    } catch (error) {
      const gaveUp = isSilostatError(error) && (error.cause as NativeError | undefined)?.status === 1359;
      if (!gaveUp || tries === 10) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

/** A folder that is removed after the test, with these files in it. */
export function folder(test: Test, files: Record<string, string> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'silostat job '));
  test.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** All that a child wrote, and how it ended. */
export async function endingOf(child: JobProcess): Promise<Ending> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

export async function readAll(stream: AsyncIterable<Buffer> | null): Promise<Buffer> {
  const chunks: Buffer[] = [];
  if (stream !== null) for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** node.exe with a script. */
export function nodeScript(source: string, ...args: string[]): [string, string[]] {
  return [process.execPath, ['-e', source, ...args]];
}

/** This environment with node.exe's folder in PATH. */
export function withNodeInPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: dirname(process.execPath) };
}
