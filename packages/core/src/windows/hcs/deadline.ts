import { SilostatError } from '../../errors.ts';
import type { Attempt } from '../errors.ts';

/** How long somebody waits, and for what. */
export interface Patience {
  readonly attempt: Attempt;
  readonly timeoutMs: number;
  /** The caller's own. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives `action` a signal that is aborted at the deadline (SilostatError ERR_TIMEOUT) or when the caller's is (with its reason).
 * @throws what the action throws; the caller's reason before anything is done
 */
export async function withDeadline<T>(patience: Patience, action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { attempt, timeoutMs, signal } = patience;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const reason = `no answer within ${timeoutMs / 1000} s`;
  const timer = setTimeout(() => controller.abort(new SilostatError('ERR_TIMEOUT', { ...attempt, reason })), timeoutMs);
  const forward = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', forward, { once: true });
  try {
    return await action(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', forward);
  }
}
