import { readFileSync } from 'node:fs';

const argv = process.argv.slice(2);

/** Waits for nothing, once the library is loaded that knows what there is to wait for. */
let exit: (code: number) => void = (code) => process.exit(code);

/** Nothing but this file is loaded to tell the version. */
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) console.log(version());
else await main();

async function main(): Promise<void> {
  watchStreams();
  // Before there is a heap, and before the first function is optimized.
  if (argv[0] === 'top') (await import('./small-heap.ts')).keepHeapSmall();
  const [{ runCommandLine }, { processIo }] = await Promise.all([import('./program.ts'), import('./process-io.ts')]);
  const { exitProcess, isExitHindered } = await import('silostat');
  exit = exitProcess;
  process.exitCode = await runCommandLine(argv, version(), processIo());
  if (!isExitHindered()) return;
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  exit(Number(process.exitCode));
}

/** All that was written has been handed over. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** A reader that went away (`| head -1`) is no failure of ours; a full disk is. */
function watchStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') exit(0);
    process.stderr.write(`silostat: cannot write the output: ${error.message}\n`);
    exit(1);
  });
  // Whoever closed stderr does not want to hear of it.
  process.stderr.on('error', () => {});
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
