import { SilostatError } from '../../errors.ts';
import { HcsNotificationServiceDisconnect, HcsNotificationSystemExited } from '../abi/compute.ts';
import type { ComputeNotification } from '../call/compute.ts';
import type { Attempt } from '../errors.ts';
import { hresultError } from '../errors.ts';

/** A notification that is waited for. */
export interface Awaited {
  /** Settled when it has come, or when it cannot come any more. */
  readonly arrived: Promise<ComputeNotification>;
  /** Nobody waits for it any more. */
  forget(): void;
}

const longestTimeout = 2 ** 31 - 1;

interface Waiter {
  readonly type: number;
  readonly attempt: Attempt;
  readonly resolve: (notification: ComputeNotification) => void;
  readonly reject: (error: unknown) => void;
}

/** What is heard of one system, and who waits for it. Any number may wait for the same. */
export class SystemNotifications {
  readonly #waiters = new Set<Waiter>();
  #exited: ComputeNotification | undefined;
  #closed = false;

  /**
   * The next notification of that type. To be called before what brings it about: it may come before that returns. Rejects
   * with ERR_SERVICE when the system ends or HCS is lost, with the signal's reason, or by what the notification says.
   */
  next(type: number, attempt: Attempt, signal?: AbortSignal): Awaited {
    const { promise, resolve, reject } = withResolvers<ComputeNotification>();
    // Who does not come to wait for it has no use for its failure.
    promise.catch(() => {});
    const waiter = { type, attempt, resolve, reject };
    this.#waiters.add(waiter);
    const abandon = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', abandon, { once: true });
    const forget = (): void => {
      this.#waiters.delete(waiter);
      signal?.removeEventListener('abort', abandon);
    };
    return { arrived: promise, forget };
  }

  /** Its end, which may have been told already. */
  async exit(attempt: Attempt, signal?: AbortSignal): Promise<ComputeNotification> {
    signal?.throwIfAborted();
    if (this.#exited !== undefined) return this.#exited;
    const awaited = this.next(HcsNotificationSystemExited, attempt, signal);
    // A callback of another thread does not keep Node running, and nothing else may be under way.
    const stay = setInterval(() => {}, longestTimeout);
    try {
      return await awaited.arrived;
    } finally {
      clearInterval(stay);
      awaited.forget();
    }
  }

  receive(notification: ComputeNotification): void {
    if (this.#closed) return;
    if (notification.type === HcsNotificationSystemExited) this.#exited = notification;
    for (const waiter of this.#waiters) settle(waiter, notification);
  }

  /** Nothing will come any more. */
  close(attempt: Attempt): void {
    this.#closed = true;
    const error = new SilostatError('ERR_CLOSED', { ...attempt, reason: 'it has been closed' });
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}

function settle(waiter: Waiter, notification: ComputeNotification): void {
  const { type, status } = notification;
  if (type === waiter.type) {
    // However a system ended, it has.
    if ((status | 0) >= 0 || type === HcsNotificationSystemExited) waiter.resolve(notification);
    else waiter.reject(hresultError(`notification ${type}`, status, waiter.attempt));
  } else if (type === HcsNotificationSystemExited) {
    waiter.reject(new SilostatError('ERR_SERVICE', { ...waiter.attempt, reason: 'the compute system has ended' }));
  } else if (type === HcsNotificationServiceDisconnect) {
    waiter.reject(new SilostatError('ERR_SERVICE', { ...waiter.attempt, reason: 'the connection to HCS is lost' }));
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
