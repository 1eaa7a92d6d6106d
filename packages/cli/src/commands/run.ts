import type { ChildProcess } from 'node:child_process';
import type { QueryResult } from 'silostat';
import { exitCode, exitCodeOfSignal } from '../exit-code.ts';
import { reportFailure } from '../failure.ts';
import type { Io, Job, OpenedFile } from '../io.ts';
import { renderJson } from '../render/json.ts';
import { renderRunReport, runDocument } from '../render/run.ts';
import { Samples } from './run-samples.ts';
import { RunSignals } from './run-signals.ts';

export interface RunRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly exportJson?: string;
  readonly debug: boolean;
}

/** How the command ended. */
type Ending = { readonly code: number } | { readonly signal: NodeJS.Signals };

/**
 * Runs a command in a job of its own, waits for all that it started, and tells on stderr what it used. The exit code is the
 * command's own; 125 is ours.
 */
export async function run(request: RunRequest, io: Io): Promise<number> {
  // Until the job has been removed: a signal must not leave one behind.
  using signals = new RunSignals(io);
  let file: OpenedFile | undefined;
  try {
    // Opened first: it must not turn out after a long run that there is nowhere to write to.
    if (request.exportJson !== undefined) file = io.createFile(request.exportJson);
    const job = await io.library.createJobContainer();
    try {
      return await runInJob(job, request, signals, file, io);
    } finally {
      await job.close();
    }
  } catch (error) {
    reportFailure(error, io, request.debug);
    return exitCode.runFailure;
  } finally {
    file?.close();
  }
}

async function runInJob(
  job: Job,
  request: RunRequest,
  signals: RunSignals,
  file: OpenedFile | undefined,
  io: Io,
): Promise<number> {
  if (signals.received !== undefined) return exitCodeOfSignal(signals.received);
  const began = io.clock.monotonicNs();
  const samples = new Samples(job.system, io);
  let ending: Ending;
  try {
    const child = job.spawn(request.command, request.args, { stdio: 'inherit' });
    signals.commandStarted(job, child);
    samples.start();
    ending = await endingOf(child);
  } catch (error) {
    await samples.stop();
    return failedToStart(request, error, io);
  }
  await signals.commandEnded();
  await job.wait();
  await samples.stop();
  const wall100ns = Number((io.clock.monotonicNs() - began) / 100n);
  await tell({ request, job, samples, ending, wall100ns, file }, io);
  return 'code' in ending ? ending.code : exitCodeOfSignal(ending.signal);
}

function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
}

/** 127 when there is no such command, 126 when it cannot be executed; anything else is our failure. */
function failedToStart(request: RunRequest, error: unknown, io: Io): number {
  const code = errnoCode(error);
  if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'ENOEXEC') throw error;
  const why = code === 'ENOENT' ? 'not found' : 'it is there, but cannot be executed';
  reportFailure(new Error(`cannot run ${JSON.stringify(request.command)}: ${why}`), io, request.debug);
  return code === 'ENOENT' ? exitCode.commandNotFound : exitCode.notExecutable;
}

function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && /^E[A-Z]+$/.test(code) ? code : errnoCode(error.cause);
}

interface Outcome {
  readonly request: RunRequest;
  readonly job: Job;
  readonly samples: Samples;
  readonly ending: Ending;
  readonly wall100ns: number;
  readonly file: OpenedFile | undefined;
}

/** The report on stderr, and the document where it was asked for. A figure that cannot be read does not fail the command. */
async function tell(outcome: Outcome, io: Io): Promise<void> {
  const { request, samples, ending, wall100ns, file } = outcome;
  let result: QueryResult;
  try {
    result = samples.withLastMemory(await outcome.job.system.query(['Statistics']));
  } catch (error) {
    reportFailure(error, io, request.debug);
    if (samples.last === undefined) return;
    result = samples.last;
  }
  const command = [request.command, ...request.args];
  const told = { command, ending, wall100ns, result, peak: samples.peak, readings: samples.count };
  io.stderr.write(`${renderRunReport(told).join('\n')}\n`);
  file?.write(`${renderJson(runDocument(told))}\n`);
}
