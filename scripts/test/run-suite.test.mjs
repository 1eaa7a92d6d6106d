/** Real files in real processes: every way in which a suite can say nothing, or too little, is a failure. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runSuites } from './run-suite.mjs';
import { closingLine, settle } from './summary.mjs';

const folder = mkdtempSync(join(tmpdir(), 'silostat-runner-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const machine = { platform: 'linux', root: false, missing: new Map(), nodes: new Map(), noNodes: '' };
const soon = () => Date.now() + 60_000;

async function run(suite, { skipsFail = false, deadline = soon() } = {}) {
  const suites = [{ name: 'fake', needs: {}, seconds: 30, ...suite }];
  const results = await runSuites(suites, { root: folder, results: join(folder, 'results'), machine, deadline });
  const [result] = settle(results, { skipsFail });
  return { closing: closingLine([result]), texts: result.failures.map(({ text }) => text), result };
}

let count = 0;
function file(code) {
  const path = join(folder, `${count++}.test.mjs`);
  writeFileSync(path, `import assert from 'node:assert';\nimport { describe, test } from 'node:test';\n${code}\n`);
  return path;
}

const runFile = (code, more = {}, options = {}) => run({ files: () => [file(code)], ...more }, options);
const wait = 'await new Promise((resolve) => setTimeout(resolve, 20));';

describe('a suite of test files', () => {
  it('adds its files up', async () => {
    const files = [
      file("test('a', () => {}); test('b', () => {});"),
      file("describe('d', () => { test('c', () => {}); });"),
    ];
    assert.equal((await run({ files: () => files, together: 2 })).closing, '3 passed, 0 failed');
  });
  it('shows a failure in full, with its path of names and what the file printed', async () => {
    const { closing, texts, result } = await runFile(
      "console.log('chatter'); describe('d', () => { test('c', () => assert.equal(1, 2, 'no\\nsum')); });",
    );
    assert.equal(closing, '0 passed, 1 failed');
    assert.match(result.failures[0].name, /\.test\.mjs: d > c$/);
    assert.match(texts[0], /no\nsum[\s\S]*expected: 2[\s\S]*chatter/);
  });
  it('counts a failing test once, not again for what it is in', async () => {
    const code = "test('outer', async (t) => { await t.test('inner', () => assert.fail('no')); });";
    assert.equal((await runFile(code)).closing, '0 passed, 1 failed');
  });
  it('a file that kills itself', async () => {
    const code = "test('a', () => {}); test('b', () => process.kill(process.pid, 'SIGKILL'));";
    const text = process.platform === 'win32' ? 'ended without its summary (exit code 1)' : 'was killed by SIGKILL';
    assert.deepEqual((await runFile(code)).texts, [text]);
  });
  it('a file that exits with 0 in mid-test', async () => {
    const code = `test('a', async () => { ${wait} }); test('b', async () => { ${wait} process.exit(0); }); test('c', () => {});`;
    assert.deepEqual((await runFile(code)).texts, ['ended without its summary (exit code 0)']);
  });
  it('a file without a test', async () => {
    assert.equal((await runFile('')).closing, '0 passed, 1 failed');
    assert.deepEqual((await runFile("describe('d', () => {});")).texts, ['ran no test']);
  });
  it('a file with a syntax error', async () => {
    const { closing, texts } = await runFile('const = 1;');
    assert.equal(closing, '0 passed, 1 failed');
    assert.match(texts[0], /SyntaxError/);
  });
  it('a file that hangs is ended', async () => {
    const { texts } = await runFile("setInterval(() => {}, 1000); test('a', () => {});", { fileSeconds: 1.5 });
    assert.deepEqual(texts, ['was ended after 1.5 s']);
  });
  it('a file that leaves a process behind does not hold the suite up', async () => {
    const child =
      "import { spawn } from 'node:child_process'; test('a', () => spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'inherit' }).unref());";
    const start = Date.now();
    assert.equal((await runFile(child)).closing, '1 passed, 0 failed');
    assert.ok(Date.now() - start < 15_000);
  });
  it('a file that was not built', async () => {
    assert.deepEqual((await run({ files: () => [join(folder, 'gone.test.js')] })).texts, [
      'is missing: it was not built',
    ]);
  });
  it('no file at all', async () => {
    assert.deepEqual((await run({ files: () => [] })).texts, ['ran no test']);
  });
});

describe('skips', () => {
  const code =
    "test('a', { skip: 'no kernel' }, () => {}); describe('d', { skip: 'no root' }, () => { test('b', () => {}); });";
  it('are listed with their reasons', async () => {
    const { closing, result } = await runFile(code);
    assert.equal(closing, '0 passed, 0 failed, 2 skipped');
    assert.deepEqual(
      result.skips.map(({ reason }) => reason),
      ['no kernel', 'no root'],
    );
  });
  it('are failures under CI, and so is a test that is to do', async () => {
    assert.equal((await runFile(code, {}, { skipsFail: true })).closing, '0 passed, 2 failed');
    assert.equal(
      (await runFile("test('a', { todo: true }, () => {});", {}, { skipsFail: true })).closing,
      '0 passed, 1 failed',
    );
  });
  it('a suite that cannot run here is one', async () => {
    const { result } = await run({ needs: { platform: 'win32' }, files: () => [] });
    assert.deepEqual(result.skips, [{ name: 'fake', reason: 'runs on win32 only' }]);
  });
});

describe('a suite of steps', () => {
  it('gives its outcome', async () => {
    const steps = () => ({ passed: ['a', 'b'], failures: [{ name: 'x', text: 'y' }], skips: [] });
    assert.equal((await run({ steps })).closing, '2 passed, 1 failed');
  });
  it('that throws failed', async () => {
    const { closing, texts } = await run({ steps: () => Promise.reject(new Error('no lab')) });
    assert.equal(closing, '0 passed, 1 failed');
    assert.match(texts[0], /no lab/);
  });
  it('is not started when the time is over', async () => {
    const { texts } = await run({ steps: () => assert.fail('was started') }, { deadline: Date.now() - 1 });
    assert.deepEqual(texts, ['was not run: the time for all suites is over']);
  });
});
