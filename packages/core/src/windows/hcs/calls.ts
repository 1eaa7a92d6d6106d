import { itemsAt, textAt } from '../../engines/json-member.ts';
import { isSilostatError, SilostatError } from '../../errors.ts';
import { HCS_E_PENDING } from '../abi/compute.ts';
import type { ComputeHandle, ComputeStatus } from '../call/compute.ts';
import {
  closeComputeSystem,
  enumerateComputeSystems,
  getComputeSystemProperties,
  openComputeSystem,
} from '../call/compute.ts';
import type { Attempt } from '../errors.ts';
import { hresultError, isHcsCode } from '../errors.ts';
import { CallQueue } from './call-queue.ts';
import type { HcsDocument } from './document.ts';
import { parseDocument, parseObject } from './document.ts';

/** Node's pool has four threads, and a call that hangs occupies one: two are left for files. */
export const hcsCalls: CallQueue = new CallQueue(2);

/** How long one of the calls that read is waited for, unless the caller says otherwise. */
export const readTimeoutMs = 10_000;

const featureAdvice =
  'switch on the Windows feature Containers (Enable-WindowsOptionalFeature -Online -FeatureName Containers), ' +
  'or Microsoft-Hyper-V for virtual machines';

/** What HcsEnumerateComputeSystems is asked for; everything when empty. */
export interface SystemQuery {
  readonly Ids?: readonly string[];
  readonly Types?: readonly string[];
  readonly Names?: readonly string[];
  readonly Owners?: readonly string[];
}

/** One call, which is made off the thread that runs JavaScript. @throws SilostatError by what its HRESULT means */
export async function checked<T extends ComputeStatus>(
  api: string,
  attempt: Attempt,
  call: () => Promise<T>,
): Promise<T> {
  const answer = await call().catch((error: unknown) => {
    throw withAdvice(error, attempt);
  });
  if ((answer.status | 0) >= 0 || isPending(answer)) return answer;
  throw hresultError(api, answer.status, attempt, parseResult(answer.result));
}

/** True when a notification will tell how the call ended. */
export function isPending({ status }: ComputeStatus): boolean {
  return isHcsCode(status, HCS_E_PENDING);
}

/** The systems that match: a list of schema-1 ContainerProperties. */
export async function enumerate(query: SystemQuery, attempt: Attempt): Promise<unknown[]> {
  const call = (): ReturnType<typeof enumerateComputeSystems> => enumerateComputeSystems(JSON.stringify(query));
  const { document } = await checked('HcsEnumerateComputeSystems', attempt, call);
  const { value } = parseDocument(document, attempt);
  if (Array.isArray(value)) return value;
  throw new SilostatError('ERR_PARSE', { ...attempt, reason: 'HCS gave JSON that is no list' });
}

export async function openHandle(id: string, attempt: Attempt): Promise<ComputeHandle> {
  const { handle } = await checked('HcsOpenComputeSystem', attempt, () => openComputeSystem(id));
  if (handle !== 0n) return handle;
  throw new SilostatError('ERR_SERVICE', { ...attempt, reason: 'HcsOpenComputeSystem gave no handle' });
}

/** What was opened is let go of; whether HCS has forgotten it meanwhile makes no difference. */
export async function closeHandle(handle: ComputeHandle): Promise<void> {
  await closeComputeSystem(handle);
}

/** No types: the identity alone, without the key, as schema 1 wants it. */
export async function readProperties(
  handle: ComputeHandle,
  types: readonly string[],
  attempt: Attempt,
): Promise<HcsDocument & { value: object }> {
  const query = JSON.stringify(types.length === 0 ? {} : { PropertyTypes: types });
  const call = (): ReturnType<typeof getComputeSystemProperties> => getComputeSystemProperties(handle, query);
  const { document } = await checked('HcsGetComputeSystemProperties', attempt, call);
  return parseObject(document, attempt);
}

/** What HCS said besides the HRESULT; undefined for nothing, or nothing that can be read. */
function parseResult(result: string | undefined): Error | undefined {
  try {
    const json: unknown = JSON.parse(result ?? '');
    const events = itemsAt(json, 'ErrorEvents').map((event) => textAt(event, 'Message'));
    const messages = [textAt(json, 'ErrorMessage'), ...events].filter((message) => message !== undefined);
    return messages.length === 0 ? undefined : new Error(messages.join('; '));
  } catch {
    return undefined;
  }
}

/** A library, or a function of it, that is not there, as what to do about it. */
function withAdvice(error: unknown, attempt: Attempt): unknown {
  if (!isSilostatError(error) || error.code !== 'ERR_UNSUPPORTED') return error;
  const reason = `HCS is not there (${error.message}); ${featureAdvice}`;
  return new SilostatError('ERR_UNSUPPORTED', { ...attempt, reason, cause: error });
}
