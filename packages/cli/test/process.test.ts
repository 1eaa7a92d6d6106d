import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The built program, run as users run it. Nothing here needs a container. */
const bin = fileURLToPath(new URL('../bin/silostat.js', import.meta.url));
const packages = new URL('../../', import.meta.url).href;
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function silostat(...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, ...argv], { encoding: 'utf8' });
}

/** Our own modules that a run loads, as V8 saw them. */
function loadedModules(...argv: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'silostat-coverage-'));
  try {
    spawnSync(process.execPath, [bin, ...argv], { env: { ...process.env, NODE_V8_COVERAGE: folder } });
    const [report = ''] = readdirSync(folder);
    const { result } = JSON.parse(readFileSync(join(folder, report), 'utf8')) as { result: { url: string }[] };
    const ours = result.map(({ url }) => url).filter((url) => url.startsWith(packages));
    return ours.map((url) => url.slice(packages.length)).sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the program', () => {
  it('--version prints it, and loads nothing else', () => {
    for (const option of ['--version', '-V']) {
      assert.deepEqual(loadedModules(option), ['cli/bin/silostat.js', 'cli/dist/main.js']);
      const { status, stdout, stderr } = silostat(option);
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  it('loads neither a command nor code of an operating system for a command line that is wrong', () => {
    const wrong = [
      ['inspect'],
      ['inspect', '../..'],
      ['inspect', 'x', '--types', 'Nope'],
      ['inspect', 'x'.repeat(10_000)],
      ['stats', 'web', '%'],
      ['run'],
    ];
    for (const argv of wrong) {
      const loaded = loadedModules(...argv);
      assert.ok(loaded.includes('cli/dist/program.js'));
      const tooMuch = loaded.filter(
        (url) => url.startsWith('cli/dist/commands/') || /^core\/dist\/(linux|windows)\//.test(url),
      );
      assert.deepEqual(tooMuch, [], argv.join(' '));
    }
  });

  it('loads of the commands the one that is asked for, and of the core nothing that reads figures or starts processes for a list', () => {
    const loaded = loadedModules('ls');
    assert.deepEqual(
      loaded.filter((url) => /^cli\/dist\/commands\/|^cli\/dist\/command-line\/(?!arguments|definition)/.test(url)),
      ['cli/dist/command-line/ls.js', 'cli/dist/commands/ls.js'],
    );
    assert.deepEqual(
      loaded.filter((url) => /^core\/dist\/linux\/(cgroup\/(?!pids|sub-cgroups)|watch|job-container)/.test(url)),
      [],
    );
  });

  it('writes data to stdout and everything else to stderr', () => {
    const help = silostat('--help');
    assert.equal(help.status, 0);
    assert.equal(help.stderr, '');
    const wrong = silostat('inspect', '/');
    assert.equal(wrong.status, 2);
    assert.equal(wrong.stdout, '');
    assert.match(wrong.stderr, /^silostat: [^\n]+\n$/);
    assert.equal(silostat('run').status, 125);
  });

  it('ends with 0 and without a word when nobody reads its output', async () => {
    const child = spawn(process.execPath, [bin, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    assert.deepEqual({ code, signal, err }, { code: 0, signal: null, err: '' });
  });
});
