// What `npm run demo` looks at: for some seconds it keeps a processor and a half busy, takes 96 MiB step by step, and writes
// 64 MiB to a disk. With an argument it is the helper process that only computes.
import { fork } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const mebibyte = 1024 * 1024;
const steps = 8;
const stepMs = 800;

/** Busy for that part of the step, then idle for the rest. */
async function compute(share) {
  const until = performance.now() + stepMs * share;
  let sum = 0;
  while (performance.now() < until) sum += Math.sqrt(sum + 1);
  await delay(stepMs * (1 - share));
}

function write(file, bytes) {
  writeSync(file, Buffer.alloc(bytes, 'silostat'));
  fsyncSync(file);
}

async function work() {
  const helper = fork(fileURLToPath(import.meta.url), ['helper']);
  const folder = mkdtempSync(join(tmpdir(), 'silostat-demo-'));
  const file = openSync(join(folder, 'data'), 'w');
  const kept = [];
  try {
    for (let step = 0; step < steps; step++) {
      kept.push(Buffer.alloc(12 * mebibyte, step + 1));
      write(file, 8 * mebibyte);
      await compute(0.9);
    }
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
    helper.disconnect();
  }
  console.log(`workload: took ${kept.length * 12} MiB, wrote ${steps * 8} MiB, ran a helper process; done`);
}

async function help() {
  let isWanted = true;
  process.on('disconnect', () => {
    isWanted = false;
  });
  while (isWanted) await compute(0.5);
}

await (process.argv[2] === 'helper' ? help() : work());
