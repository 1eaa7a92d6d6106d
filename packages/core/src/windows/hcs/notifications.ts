import type { ComputeHandle, ComputeNotification } from '../call/compute.ts';
import { computeCallback, registerComputeCallback, unregisterComputeCallback } from '../call/compute.ts';
import type { Attempt } from '../errors.ts';
import { checked } from './calls.ts';

export type Receiver = (notification: ComputeNotification) => void;

/** Who hears of a system, by the number that HCS hands back: it never sees an address of ours. */
const receivers = new Map<number, Receiver>();
/** Never given out twice: what comes late cannot reach another system's receiver. */
let nextContext = 1;
let callback: ReturnType<typeof computeCallback> | undefined;

/** A place among those that HCS calls back. */
export interface Registration {
  /** Returns when no notification is under way any more. To be called before the system is closed. */
  leave(): Promise<void>;
}

/** Has HCS tell `receive`, on the thread that runs JavaScript, what becomes of a system. */
export async function hearOf(system: ComputeHandle, receive: Receiver, attempt: Attempt): Promise<Registration> {
  callback ??= computeCallback((notification) => receivers.get(notification.context)?.(notification));
  const context = nextContext++;
  const { address } = callback;
  receivers.set(context, receive);
  const release = (): void => {
    receivers.delete(context);
    if (receivers.size > 0) return;
    callback?.unregister();
    callback = undefined;
  };
  try {
    const { handle } = await checked('HcsRegisterComputeSystemCallback', attempt, () =>
      registerComputeCallback(system, address, context),
    );
    return { leave: () => unregisterComputeCallback(handle).then(release, release) };
  } catch (error) {
    release();
    throw error;
  }
}
