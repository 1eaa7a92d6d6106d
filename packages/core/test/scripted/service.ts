import type { ComputeService, ServiceAnswer, ServiceOptions } from '../../dist/compute-service.js';
import type { HcsPropertyType, Properties } from '../../dist/index.js';

/** A compute service that answers one document, and notes its calls. */
export class ScriptedService implements ComputeService {
  readonly name = 'HCS';
  readonly calls: { id: string; types: readonly HcsPropertyType[]; options: ServiceOptions | undefined }[] = [];
  answer: ServiceAnswer;
  /** Thrown instead of the answer. */
  failure: unknown;
  /** The answer waits for it. */
  gate: Promise<void> = Promise.resolve();

  constructor(document: Partial<Properties> = {}) {
    this.answer = { document: { Id: 'web', State: 'Running', ...document } };
  }

  async properties(id: string, types: readonly HcsPropertyType[], options?: ServiceOptions): Promise<ServiceAnswer> {
    this.calls.push({ id, types, options });
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    return this.answer;
  }
}
