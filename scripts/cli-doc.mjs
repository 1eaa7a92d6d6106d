// The outputs in docs/cli.md, made by the program: `node scripts/cli-doc.mjs` (after a build) writes them anew. A test says when they are no
// longer current. Each block that begins with `$ silostat` is a command line that is run on a recorded host, at a time that stands
// still; what `run` writes depends on the machine, and is compared by a live test.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../packages/cli/dist/program.js';
import { LinuxHost } from '../packages/core/dist/linux/host.js';

const document = new URL('../docs/cli.md', import.meta.url);
const fixtures = fileURLToPath(new URL('../packages/core/test/fixtures/linux/', import.meta.url));

/** The recorded hosts: one with containers of all engines, and one whose container has all figures. */
const hostOf = (line) =>
  `${fixtures}${/^\$ silostat (ls|inspect c41)\b/.test(line) ? 'hybrid-engines' : 'v2-runc-systemd'}`;

/** Begins the block of a command that the machine has a say in. */
const ofThisMachine = /^\$ silostat (run|doctor|top|clean)\b/;
const block = /^```console\n(\$ silostat [^\n]*)\n(?:.*\n)*?```$/gm;

/** docs/cli.md as it should be. */
export async function cliDocument(text = readFileSync(document, 'utf8').replaceAll('\r\n', '\n')) {
  const made = new Map();
  for (const [, line] of text.matchAll(block)) {
    if (!ofThisMachine.test(line)) made.set(line, await outputOf(line));
  }
  return text.replaceAll(block, (whole, line) =>
    made.has(line) ? `\`\`\`console\n${line}\n${made.get(line)}\`\`\`` : whole,
  );
}

/** What the command line prints, standard error included, as a terminal has it. */
async function outputOf(line) {
  const [, ...argv] = line.slice(2).split(' ');
  const restore = stopTime();
  try {
    let text = '';
    const write = (more) => (text += more);
    await runCommandLine(argv, '0.1.0', worldOf(write, hostOf(line)));
    return text;
  } finally {
    restore();
  }
}

/** The library looks at clocks too. */
function stopTime() {
  const { now } = Date;
  const elapsed = performance.now;
  const { bigint } = process.hrtime;
  Date.now = () => Date.UTC(2026, 10, 24, 4, 46, 5);
  performance.now = () => 0;
  process.hrtime.bigint = () => 0n;
  return () => {
    Date.now = now;
    performance.now = elapsed;
    process.hrtime.bigint = bigint;
  };
}

/** @returns {import('../packages/cli/dist/io.js').Io} */
function worldOf(write, tree) {
  const host = new LinuxHost({ procRoot: `${tree}/proc`, fsRoot: tree });
  let elapsedNs = 0n;
  const unused = () => {
    throw new Error('not in a document');
  };
  return {
    stdin: { on: unused, off: unused, resume: unused, pause: unused },
    stdout: { write, columns: 120 },
    stderr: { write },
    isStdinTerminal: false,
    library: {
      listComputeSystems: (options = {}) => host.list(options),
      openComputeSystem: (reference) => host.open(reference),
      diagnoseHost: () => host.diagnose(),
      createJobContainer: unused,
      cleanJobContainers: async () => [],
    },
    clock: { now: () => Date.now(), monotonicNs: () => elapsedNs, wait: () => new Promise(() => {}) },
    sleep: async (milliseconds) => {
      elapsedNs += BigInt(milliseconds) * 1_000_000n;
    },
    stop: new AbortController().signal,
    takeSignals: () => () => {},
    comesFromTerminal: () => false,
    createFile: unused,
    hasColours: () => false,
    onCrash: () => () => {},
    suspend: unused,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(document, await cliDocument());
}
