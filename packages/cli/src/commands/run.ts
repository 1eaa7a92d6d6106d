import { isSilostatError, type JobProcess, type QueryResult } from 'silostat';
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

const restNoticeMs = 2000;
const restNotice =
  'silostat: the command has ended, processes that it started still run; waiting for them (Ctrl-C ends them)\n';

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
  const samples = new Samples(job.system, io);
  await samples.prepare();
  const began = io.clock.monotonicNs();
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
  await waitForRest(job, io);
  const wall100ns = Number((io.clock.monotonicNs() - began) / 100n);
  await samples.stop();
  await tell({ request, job, samples, ending, wall100ns, file }, io);
  return 'code' in ending ? ending.code : exitCodeOfSignal(ending.signal);
}

/** What the command left running belongs to it; people may wonder why the prompt does not come back. */
async function waitForRest(job: Job, io: Io): Promise<void> {
  const notice = setTimeout(() => io.stderr.write(restNotice), restNoticeMs);
  try {
    await job.wait();
  } finally {
    clearTimeout(notice);
  }
}

function endingOf(child: JobProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
  });
}

/** 127 when there is no such command, 126 when it cannot be executed; anything else is our failure. */
function failedToStart(request: RunRequest, error: unknown, io: Io): number {
  const code = whyNotStarted(request.command, error);
  if (code === undefined) throw error;
  reportFailure(error, io, request.debug);
  return code;
}

/** What is about the command itself, not about the job: the library's word, or what Node says of a spawn. */
function whyNotStarted(command: string, error: unknown): number | undefined {
  if (isSilostatError(error) && error.subject !== command) return undefined;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ERR_NOT_FOUND':
    case 'ENOENT':
      return exitCode.commandNotFound;
    case 'ERR_ACCESS_DENIED':
    case 'EACCES':
      return exitCode.notExecutable;
    default:
      return undefined;
  }
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
