import type { PropertyType } from 'silostat';
import { exitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { renderPage } from '../render/inspect.ts';
import { explained, renderJson } from '../render/json.ts';

export interface InspectRequest {
  readonly reference: string;
  readonly types: readonly PropertyType[];
  readonly json: boolean;
  readonly explain: boolean;
}

/** Prints one container's document, or a page made of it. All of it, or nothing. */
export async function inspect(request: InspectRequest, io: Io): Promise<number> {
  const system = await io.library.openComputeSystem(request.reference);
  try {
    const result = await system.query(request.types, { signal: io.stop });
    const { explain } = request;
    const text = request.json
      ? renderJson(explain ? explained(result) : result.properties)
      : renderPage(result, { names: system.names, explain, width: io.stdout.columns ?? 120 }).join('\n');
    io.stdout.write(`${text}\n`);
    return exitCode.success;
  } finally {
    system.close();
  }
}
