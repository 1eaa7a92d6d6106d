import type { ComputeService, ServiceAnswer, ServiceOptions } from '../../compute-service.ts';
import { textAt } from '../../engines/json-member.ts';
import { SilostatError } from '../../errors.ts';
import type { Identity, Properties } from '../../schema/properties.ts';
import type { HcsPropertyType } from '../../schema/property-type.ts';
import type { Attempt } from '../errors.ts';
import type { SystemQuery } from './calls.ts';
import { closeHandle, enumerate, hcsCalls, openHandle, readProperties, readTimeoutMs } from './calls.ts';
import type { Patience } from './deadline.ts';
import { withDeadline } from './deadline.ts';

/** A compute system, as a list of them has it. */
export interface ListedSystem extends Identity {
  /** "Created", "Running", "Paused", "Stopped", "SavedAsTemplate", "Unknown"; as HCS spells it. */
  readonly State: string;
  /** What its creator calls it; often the id. */
  readonly Name?: string;
}

export interface HcsOptions extends ServiceOptions {
  /** 10 s if left out. */
  readonly timeoutMs?: number;
}

/** What HCS can be asked, each with a deadline. */
export interface HostComputeService extends ComputeService {
  /** @throws SilostatError ERR_UNSUPPORTED, ERR_ACCESS_DENIED, ERR_TIMEOUT, ERR_SERVICE, ERR_PARSE */
  list(query?: SystemQuery, options?: HcsOptions): Promise<ListedSystem[]>;
  /** Opens the system, asks it once for all types, and closes it. @throws SilostatError ERR_NOT_FOUND, and as `list` */
  properties(id: string, types: readonly HcsPropertyType[], options?: HcsOptions): Promise<ServiceAnswer>;
}

/** Questions for the list that HCS has not answered in time, nor since. */
let unansweredLists = 0;

/**
 * The Host Compute Service: who answers what the kernel cannot, and knows of virtual machines. No handle outlives a call. At
 * most two calls are under way; the others wait their turn, and all give up at their deadline.
 */
export const hostComputeService: HostComputeService = {
  name: 'HCS',

  async list(query: SystemQuery = {}, options: HcsOptions = {}): Promise<ListedSystem[]> {
    const attempt = { operation: 'list', subject: 'compute systems' };
    if (hcsCalls.isStuck || unansweredLists > 0) throw stuck(attempt);
    const listed = await withDeadline(patience(attempt, options), (signal) =>
      hcsCalls.run(() => enumerateUnlessStuck(query, attempt, signal), signal),
    );
    return listed.flatMap(parseListed);
  },

  properties(id: string, types: readonly HcsPropertyType[], options: HcsOptions = {}): Promise<ServiceAnswer> {
    const attempt = { operation: `ask HCS for ${types.join(', ')} of`, subject: id };
    return withDeadline(patience(attempt, options), (signal) =>
      hcsCalls.run(async () => {
        const handle = await openHandle(id, attempt);
        try {
          signal.throwIfAborted();
          const { value, absent } = await readProperties(handle, types, attempt);
          return { document: value as Properties, absent };
        } finally {
          await closeHandle(handle);
        }
      }, signal),
    );
  },
};

/** What HCS has not answered in time, and still has not, is not asked again: each container that is opened would wait as long. */
async function enumerateUnlessStuck(query: SystemQuery, attempt: Attempt, signal: AbortSignal): Promise<unknown[]> {
  const lost = (): void => void unansweredLists++;
  signal.addEventListener('abort', lost, { once: true });
  try {
    return await enumerate(query, attempt);
  } finally {
    if (signal.aborted) unansweredLists--;
    else signal.removeEventListener('abort', lost);
  }
}

function stuck(attempt: Attempt): SilostatError {
  const reason = 'HCS has not answered an earlier question yet, long after its time';
  return new SilostatError('ERR_TIMEOUT', { ...attempt, reason });
}

function patience(attempt: Attempt, { timeoutMs = readTimeoutMs, signal }: HcsOptions): Patience {
  return { attempt, timeoutMs, signal };
}

/** Nothing for an entry without an id. */
function parseListed(json: unknown): ListedSystem[] {
  const id = textAt(json, 'Id');
  if (id === undefined) return [];
  const type = textAt(json, 'SystemType') ?? '';
  const isContainer = type.toLowerCase() === 'container';
  const name = textAt(json, 'Name');
  return [
    {
      Id: id,
      SystemType: isContainer ? 'Container' : type,
      // Windows before 1809 does not tell it of a container.
      RuntimeOsType: textAt(json, 'RuntimeOsType') ?? (isContainer ? 'Windows' : ''),
      Owner: textAt(json, 'Owner') ?? '',
      State: textAt(json, 'State') ?? 'Unknown',
      ...(name === undefined ? {} : { Name: name }),
    },
  ];
}
