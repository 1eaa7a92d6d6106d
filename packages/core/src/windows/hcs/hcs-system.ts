import type { ServiceAnswer } from '../../compute-service.ts';
import { textAt } from '../../engines/json-member.ts';
import { SilostatError } from '../../errors.ts';
import type { Properties } from '../../schema/properties.ts';
import type { HcsPropertyType } from '../../schema/property-type.ts';
import {
  HCS_E_SYSTEM_ALREADY_STOPPED,
  HCS_E_SYSTEM_NOT_FOUND,
  HcsNotificationSystemCreateCompleted,
  HcsNotificationSystemPauseCompleted,
  HcsNotificationSystemResumeCompleted,
  HcsNotificationSystemStartCompleted,
} from '../abi/compute.ts';
import type { ComputeControl, ComputeHandle, ComputeStatus } from '../call/compute.ts';
import { controlComputeSystem, createComputeSystem, modifyComputeSystem } from '../call/compute.ts';
import type { Attempt } from '../errors.ts';
import { isHcsCode } from '../errors.ts';
import { checked, closeHandle, hcsCalls, isPending, openHandle, readProperties, readTimeoutMs } from './calls.ts';
import type { HcsOptions } from './compute-service.ts';
import { withDeadline } from './deadline.ts';
import type { Registration } from './notifications.ts';
import { hearOf } from './notifications.ts';
import { SystemNotifications } from './system-notifications.ts';

/** How long a change of state is waited for, unless the caller says otherwise. */
const changeTimeoutMs = 240_000;

/** What tells that a change of state is complete. */
const completions: Partial<Record<ComputeControl, number>> = {
  Start: HcsNotificationSystemStartCompleted,
  Pause: HcsNotificationSystemPauseCompleted,
  Resume: HcsNotificationSystemResumeCompleted,
};

/** How a system ended, as HCS told it. */
export interface SystemExit {
  /** "GracefulExit", "ForcedExit", "UnexpectedExit", ...; undefined where HCS did not tell. */
  readonly exitType: string | undefined;
}

/**
 * A compute system of HCS that is kept open: to make one, to change its state, to hear of its end. Whoever makes or opens one
 * closes it. Statistics are not read through it: a kept handle keeps a dead container alive.
 *
 * Every method throws a SilostatError by what HCS answered: ERR_TIMEOUT at its deadline, ERR_CLOSED after `close()`.
 */
export class HcsSystem {
  readonly id: string;
  readonly #notifications = new SystemNotifications();
  #handle: ComputeHandle | undefined;
  #registration: Registration | undefined;

  private constructor(id: string) {
    this.id = id;
  }

  static open(id: string, options: HcsOptions = {}): Promise<HcsSystem> {
    const attempt = { operation: 'open compute system', subject: id };
    const system = new HcsSystem(id);
    return withDeadline({ attempt, timeoutMs: readTimeoutMs, ...options }, (signal) =>
      hcsCalls.run(() => system.#adopt(openHandle(id, attempt), attempt, signal), signal),
    );
  }

  /**
   * Makes a system from a configuration as HCS documents it. One that was not made in time is terminated.
   * @throws SilostatError ERR_ALREADY_EXISTS
   */
  static async create(id: string, configuration: object, options: HcsOptions = {}): Promise<HcsSystem> {
    const attempt = { operation: 'create compute system', subject: id };
    const system = new HcsSystem(id);
    try {
      return await withDeadline({ attempt, timeoutMs: changeTimeoutMs, ...options }, (signal) =>
        system.#create(JSON.stringify(configuration), attempt, signal),
      );
    } catch (error) {
      await system.#discard();
      throw error;
    }
  }

  start(options?: HcsOptions): Promise<void> {
    return this.#control('Start', options);
  }

  pause(options?: HcsOptions): Promise<void> {
    return this.#control('Pause', options);
  }

  resume(options?: HcsOptions): Promise<void> {
    return this.#control('Resume', options);
  }

  /** Asks it to end. Done when HCS has taken the request; `waitForExit` tells when it has ended. */
  shutdown(options?: HcsOptions): Promise<void> {
    return this.#control('Shutdown', options);
  }

  /** Ends it. Harmless where it has ended already. */
  terminate(options?: HcsOptions): Promise<void> {
    return this.#control('Terminate', options);
  }

  /** Changes it, by a document as HCS has it for ModifySettingRequest. */
  async modify(settings: object, options?: HcsOptions): Promise<void> {
    const attempt = this.#attempt('modify');
    await this.#call(attempt, readTimeoutMs, options, (handle) =>
      checked('HcsModifyComputeSystem', attempt, () => modifyComputeSystem(handle, JSON.stringify(settings))),
    );
  }

  /** Schema 2 for the given types; without any the identity, as schema 1 has it. */
  async properties(types: readonly HcsPropertyType[], options?: HcsOptions): Promise<ServiceAnswer> {
    const attempt = this.#attempt('read properties of');
    const { value, absent } = await this.#call(attempt, readTimeoutMs, options, (handle) =>
      readProperties(handle, types, attempt),
    );
    return { document: value as Properties, absent };
  }

  /** Resolves when it has ended, also where that was before. */
  async waitForExit({ signal }: Pick<HcsOptions, 'signal'> = {}): Promise<SystemExit> {
    this.#openHandle(this.#attempt('wait for'));
    const { data } = await this.#notifications.exit(this.#attempt('wait for'), signal);
    return { exitType: exitTypeOf(data) };
  }

  /** Lets go of it: nothing is heard of it any more. Harmless a second time. */
  async close(): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    this.#notifications.close(this.#attempt('wait for'));
    await hcsCalls.run(() => this.#letGo(handle));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #create(configuration: string, attempt: Attempt, signal: AbortSignal): Promise<HcsSystem> {
    const completed = this.#notifications.next(HcsNotificationSystemCreateCompleted, attempt, signal);
    try {
      const created = await hcsCalls.run(async () => {
        const answer = await checked('HcsCreateComputeSystem', attempt, () =>
          createComputeSystem(this.id, configuration),
        );
        // Too late: nobody else knows of what was made.
        if (signal.aborted) await controlComputeSystem('Terminate', answer.handle, '');
        await this.#adopt(Promise.resolve(answer.handle), attempt, signal);
        return answer;
      }, signal);
      if (isPending(created)) await completed.arrived;
      return this;
    } finally {
      completed.forget();
    }
  }

  /** Takes a handle as ours, and hears of its system; an answer that comes too late is let go of. */
  async #adopt(opening: Promise<ComputeHandle>, attempt: Attempt, signal: AbortSignal): Promise<HcsSystem> {
    const handle = await opening;
    try {
      signal.throwIfAborted();
      this.#registration = await hearOf(handle, (notification) => this.#notifications.receive(notification), attempt);
      signal.throwIfAborted();
      this.#handle = handle;
      return this;
    } catch (error) {
      await this.#letGo(handle);
      throw error;
    }
  }

  async #letGo(handle: ComputeHandle): Promise<void> {
    await this.#registration?.leave();
    await closeHandle(handle);
  }

  /** What was made and is not wanted: nobody else knows of it. */
  async #discard(): Promise<void> {
    await this.terminate().catch(() => {});
    await this.close();
  }

  async #control(control: ComputeControl, options: HcsOptions = {}): Promise<void> {
    const isEnd = control === 'Shutdown' || control === 'Terminate';
    if (isEnd && this.#handle === undefined) return;
    const attempt = this.#attempt(control.toLowerCase());
    const timeoutMs = isEnd ? readTimeoutMs : changeTimeoutMs;
    await withDeadline({ attempt, timeoutMs, ...options }, async (signal) => {
      const completion = completions[control];
      const completed = completion === undefined ? undefined : this.#notifications.next(completion, attempt, signal);
      try {
        const answer = await this.#inTurn(signal, attempt, (handle) => controlSystem(control, handle, attempt));
        if (isPending(answer)) await completed?.arrived;
      } finally {
        completed?.forget();
      }
    });
  }

  #call<T>(
    attempt: Attempt,
    timeoutMs: number,
    options: HcsOptions = {},
    call: (handle: ComputeHandle) => Promise<T>,
  ): Promise<T> {
    return withDeadline({ attempt, timeoutMs, ...options }, (signal) => this.#inTurn(signal, attempt, call));
  }

  #inTurn<T>(signal: AbortSignal, attempt: Attempt, call: (handle: ComputeHandle) => Promise<T>): Promise<T> {
    return hcsCalls.run(async () => call(this.#openHandle(attempt)), signal);
  }

  #openHandle(attempt: Attempt): ComputeHandle {
    if (this.#handle !== undefined) return this.#handle;
    throw new SilostatError('ERR_CLOSED', { ...attempt, reason: 'it has been closed' });
  }

  #attempt(what: string): Attempt {
    return { operation: `${what} compute system`, subject: this.id };
  }
}

/** To end what has ended is done. */
async function controlSystem(control: ComputeControl, handle: ComputeHandle, attempt: Attempt): Promise<ComputeStatus> {
  const call = (): Promise<ComputeStatus> => controlComputeSystem(control, handle, '');
  if (control !== 'Shutdown' && control !== 'Terminate') return checked(`Hcs${control}ComputeSystem`, attempt, call);
  const answer = await call();
  const isOver = [HCS_E_SYSTEM_ALREADY_STOPPED, HCS_E_SYSTEM_NOT_FOUND].some((code) => isHcsCode(answer.status, code));
  return isOver ? answer : checked(`Hcs${control}ComputeSystem`, attempt, () => Promise.resolve(answer));
}

function exitTypeOf(data: string | undefined): string | undefined {
  try {
    return textAt(JSON.parse(data ?? ''), 'ExitType');
  } catch {
    return undefined;
  }
}
