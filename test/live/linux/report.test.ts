import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { cgroupMounts } from '../../support/cgroup-files.ts';
import type { Outcome } from '../../support/command.ts';
import { silostat } from '../../support/command.ts';
import { compiled } from '../../support/compile.ts';
import { asNobody } from '../../support/nobody.ts';
import { assertSameReport, makeReportFile } from '../../support/report.ts';
import { skipReason } from '../../support/requirements.ts';
import { Undo } from '../../support/undo.ts';

describe('one program gives the same report', { skip: skipReason({ tools: ['gcc', 'setpriv', 'unshare'] }) }, () => {
  const undo = new Undo();
  after(() => undo[Symbol.dispose]());

  test('in cgroups, as root', async (context) => {
    const { folder, program, file } = placed(asNobody(undo).mountPoint);
    const version = cgroupMounts().has('memory') ? 1 : 2;
    const log = await report((args) => silostat(args), [program, file], folder, `cgroup v${version}`);
    context.diagnostic(log);
  });

  test('in a process tree, as a user without rights', async (context) => {
    const nobody = asNobody(undo);
    const { folder, program, file } = placed(nobody.mountPoint);
    context.diagnostic(await report(nobody.silostat, [program, file], folder, 'process tree'));
  });
});

async function report(
  run: (args: readonly string[]) => Promise<Outcome>,
  command: readonly string[],
  folder: string,
  system: string,
): Promise<string> {
  const document = `${folder}/report.json`;
  const { code, stdout, stderr } = await run(['run', '--export-json', document, '--', ...command]);
  assert.equal(code, 7, stderr);
  return assertSameReport(JSON.parse(readFileSync(document, 'utf8')), system, stdout);
}

/** The program and its file, where everybody may use them. */
function placed(beside: string): { folder: string; program: string; file: string } {
  const folder = `${beside}-report`;
  mkdirSync(folder);
  const [program, file] = [`${folder}/report`, `${folder}/file`];
  copyFileSync(compiled('report.c'), program);
  makeReportFile(file);
  for (const path of [folder, program, file]) chmodSync(path, 0o777);
  return { folder, program, file };
}
