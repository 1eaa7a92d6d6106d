import type { ComputeService, ServiceAnswer } from './compute-service.ts';
import { isSilostatError, SilostatError } from './errors.ts';
import type { Absences, Reason } from './report.ts';
import { reasonOf } from './report.ts';
import type { HcsPropertyType, PropertyType } from './schema/property-type.ts';
import { unixTicksFromRfc3339 } from './schema/time.ts';

/** What the service said, where it was asked: an answer, or why there is none. */
export interface ServicePart {
  name: string;
  /** The types that it was asked for. */
  types: readonly PropertyType[];
  answer?: ServiceAnswer;
  failure?: Reason;
  /** What was thrown. */
  error?: unknown;
  durationMs: number;
}

const zeroTime: Reason = Object.freeze({ code: 'ERR_UNSUPPORTED', message: 'the service gave the zero time' });

/** Asks the service once for all of the types. Never rejects. */
export async function askService(
  service: ComputeService,
  id: string,
  types: readonly HcsPropertyType[],
  signal: AbortSignal | undefined,
): Promise<ServicePart> {
  const part: ServicePart = { name: service.name, types, durationMs: 0 };
  const began = performance.now();
  try {
    part.answer = withoutZeroStart(await service.properties(id, types, signal === undefined ? {} : { signal }));
  } catch (error) {
    // An abort is the caller's own doing: he gets his own reason back.
    part.error = signal?.aborted === true ? error : serviceError(service, id, error);
    part.failure = reasonOf(error);
  }
  part.durationMs = performance.now() - began;
  return part;
}

function serviceError(service: ComputeService, id: string, error: unknown): SilostatError {
  if (isSilostatError(error)) return error;
  const { code, message, cause } = reasonOf(error);
  return new SilostatError(code, { subject: id, operation: `ask ${service.name} for`, reason: message, cause });
}

/** An answer without a start time that says nothing: the zero time of the service's clock (year 1, 1601). */
function withoutZeroStart(answer: ServiceAnswer): ServiceAnswer {
  const statistics = answer.document.Statistics;
  const ticks = unixTicksFromRfc3339(statistics?.ContainerStartTime ?? '');
  if (ticks === undefined || ticks > 0n) return answer;
  const { ContainerStartTime: _start, Uptime100ns: _uptime, ...rest } = statistics ?? {};
  const absent: Absences = {
    ...answer.absent,
    'Statistics.ContainerStartTime': zeroTime,
    'Statistics.Uptime100ns': zeroTime,
  };
  return { document: { ...answer.document, Statistics: rest }, absent };
}
