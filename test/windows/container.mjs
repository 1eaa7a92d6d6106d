/**
 * Asks Windows itself about a running container: the one path that Wine cannot show. Run as SYSTEM, since nobody else may
 * open a container's silo.
 *
 *   node test/windows/container.mjs CONTAINER_ID RESULT_FILE
 *
 * A scheduled task has no console: what went wrong, or the document, stands in RESULT_FILE, and the exit code says which.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { listComputeSystems, openComputeSystem } from '../../packages/core/dist/index.js';

const [id = '', resultFile = ''] = process.argv.slice(2);

async function check() {
  const ids = (await listComputeSystems()).map((system) => system.Id);
  assert.ok(ids.includes(id), `${id} is not among ${ids.join(', ') || 'none'}`);
  const system = await openComputeSystem(id);
  try {
    const { properties, report } = await system.query(['Statistics', 'ProcessList', 'Limits']);
    checkReport(report);
    checkFigures(properties);
    return { properties, report };
  } finally {
    system.close();
  }
}

/**
 * The kernel answers all by itself, from the silo, and no process keeps its share back.
 * @param {import('../../packages/core/dist/index.js').Report} report
 */
function checkReport({ kernel, notOpened, types }) {
  assert.equal(notOpened, undefined);
  assert.equal(kernel, 'silo');
  assert.equal(types.Statistics?.answeredBy, 'kernel');
  assert.equal(types.ProcessList?.answeredBy, 'kernel');
  assert.equal(types.Statistics?.complete, true);
}

/** @param {import('../../packages/core/dist/index.js').Properties} properties */
function checkFigures({ SystemType, Statistics, ProcessList }) {
  assert.equal(SystemType, 'Container');
  assert.ok(ProcessList !== undefined && ProcessList.length >= 2, 'a container has its own session manager and more');
  assert.ok(Statistics !== undefined);
  const { Memory = {}, Processor = {}, Storage = {} } = Statistics;
  const privateBytes = counter(Memory.MemoryUsagePrivateWorkingSetBytes);
  const commit = counter(Memory.MemoryUsageCommitBytes);
  assert.ok(privateBytes > 0);
  assert.ok(commit >= privateBytes);
  assert.ok(counter(Memory.MemoryUsageCommitPeakBytes) >= commit);
  const total = counter(Processor.TotalRuntime100ns);
  assert.equal(total, counter(Processor.RuntimeUser100ns) + counter(Processor.RuntimeKernel100ns));
  assert.ok(total > 0);
  assert.ok(counter(Storage.ReadSizeBytes) > 0, 'the service switches I/O attribution on for the silos that it makes');
  const ownBytes = ProcessList.map((entry) => entry.MemoryWorkingSetPrivateBytes ?? 0);
  const sum = ownBytes.reduce((before, bytes) => before + bytes, 0);
  assert.ok(sum > privateBytes / 2 && sum < privateBytes * 2, `the processes have ${sum} bytes together`);
}

/** @param {number | undefined} value */
function counter(value) {
  assert.ok(value !== undefined, 'a figure is absent');
  return value;
}

try {
  writeFileSync(resultFile, JSON.stringify(await check(), undefined, 2));
} catch (error) {
  writeFileSync(resultFile, error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
