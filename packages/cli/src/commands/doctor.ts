import { exitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { diagnosisDocument, renderDiagnosis } from '../render/doctor.ts';
import { renderJson } from '../render/json.ts';
import { coloured, plain } from '../render/paint.ts';

/** Without these there is nothing to read. */
const vital: ReadonlySet<string> = new Set(['cgroups', 'open']);

/** Tells what can be read on this host. */
export async function doctor({ json }: { json: boolean }, io: Io): Promise<number> {
  const diagnosis = await io.library.diagnoseHost();
  const page = { width: io.stdout.columns ?? 100, paint: io.hasColours(io.stdout) ? coloured : plain };
  const text = json ? renderJson(diagnosisDocument(diagnosis)) : renderDiagnosis(diagnosis, page).join('\n');
  io.stdout.write(`${text}\n`);
  const isBlind = diagnosis.capabilities.some(({ name, state }) => vital.has(name) && state === 'no');
  return isBlind ? exitCode.failure : exitCode.success;
}
