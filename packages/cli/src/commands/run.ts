import {
  isSilostatError,
  type JobContainerOptions,
  type JobLimits,
  type JobProcess,
  type PropertyType,
  type QueryResult,
} from 'silostat';
import { exitCode, exitCodeOfSignal } from '../exit-code.ts';
import { reportFailure } from '../failure.ts';
import type { Io, Job, OpenedFile } from '../io.ts';
import { renderJson } from '../render/json.ts';
import { renderRunReport, runDocument } from '../render/run.ts';
import { RunProgress } from './run-progress.ts';
import { Samples } from './run-samples.ts';
import { RunSignals } from './run-signals.ts';

export interface RunRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly limits: JobLimits;
  /** Its id. */
  readonly name?: string;
  /** Between live lines and between rows of the CSV file. */
  readonly intervalSeconds: number;
  readonly exportJson?: string;
  readonly exportCsv?: string;
  /** A live line also when stdin is a terminal. */
  readonly live: boolean;
  /** Neither a live line nor a report. */
  readonly quiet: boolean;
  readonly debug: boolean;
}

const restNoticeMs = 2000;
const restNotice =
  'silostat: the command has ended, processes that it started still run; waiting for them (Ctrl-C ends them)\n';

interface Files {
  json?: OpenedFile;
  csv?: OpenedFile;
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
  const files: Files = {};
  try {
    // Opened first: it must not turn out after a long run that there is nowhere to write to.
    if (request.exportJson !== undefined) files.json = io.createFile(request.exportJson);
    if (request.exportCsv !== undefined) files.csv = io.createFile(request.exportCsv);
    const job = await io.library.createJobContainer(optionsOf(request));
    try {
      return await runInJob(job, request, signals, files, io);
    } finally {
      await job.close();
    }
  } catch (error) {
    reportFailure(error, io, request.debug);
    return exitCode.runFailure;
  } finally {
    files.json?.close();
    files.csv?.close();
  }
}

/** Nothing else is started by this process: orphans can only be the command's. */
function optionsOf({ limits, name }: RunRequest): JobContainerOptions {
  return { limits, countProcesses: true, childSubreaper: true, ...(name !== undefined && { id: name }) };
}

async function runInJob(job: Job, request: RunRequest, signals: RunSignals, files: Files, io: Io): Promise<number> {
  if (signals.received !== undefined) return exitCodeOfSignal(signals.received);
  const samples = new Samples(job.system, io);
  const progress = new RunProgress(job, io, {
    intervalSeconds: request.intervalSeconds,
    csv: files.csv,
    isLive: isLive(request, io),
  });
  await samples.prepare();
  let began: bigint;
  let ending: Ending;
  try {
    const child = job.spawn(request.command, request.args, { stdio: 'inherit' });
    // What we do before the command is let go is not its time.
    began = io.clock.monotonicNs();
    signals.commandStarted(job, child);
    samples.start();
    progress.start();
    ending = await endingOf(child);
  } catch (error) {
    await samples.stop();
    await progress.stop();
    return failedToStart(request, error, io);
  }
  await signals.commandEnded();
  await waitForRest(job, request, io);
  const wall100ns = Number((io.clock.monotonicNs() - began) / 100n);
  await samples.stop();
  await progress.stop();
  await tell({ request, job, samples, ending, wall100ns, json: files.json }, io);
  return 'code' in ending ? ending.code : exitCodeOfSignal(ending.signal);
}

/** An interactive program draws on the terminal that stdin is. */
function isLive({ quiet, live }: RunRequest, io: Io): boolean {
  return !quiet && io.stderr.isTTY === true && (live || !io.isStdinTerminal);
}

/** What the command left running belongs to it; people may wonder why the prompt does not come back. */
async function waitForRest(job: Job, { quiet }: RunRequest, io: Io): Promise<void> {
  const notice = quiet ? undefined : setTimeout(() => io.stderr.write(restNotice), restNoticeMs);
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
  readonly json: OpenedFile | undefined;
}

/** The report on stderr, and the document where it was asked for. A figure that cannot be read does not fail the command. */
async function tell(outcome: Outcome, io: Io): Promise<void> {
  const { request, job, samples, ending, wall100ns, json } = outcome;
  let result: QueryResult;
  try {
    result = samples.withLastMemory(await job.query(typesOf(request)));
  } catch (error) {
    reportFailure(error, io, request.debug);
    if (samples.last === undefined) return;
    result = samples.last;
  }
  const command = [request.command, ...request.args];
  const { peak, count: readings } = samples;
  const told = { command, ending, wall100ns, result, peak, readings, started: job.started() };
  if (!request.quiet) io.stderr.write(`${renderRunReport(told).join('\n')}\n`);
  json?.write(`${renderJson(runDocument(told))}\n`);
}

/** Where memory was limited, also whether somebody had to die for it. */
function typesOf({ limits }: RunRequest): PropertyType[] {
  return limits.memoryBytes !== undefined && process.platform === 'linux' ? ['Statistics', 'Linux'] : ['Statistics'];
}
