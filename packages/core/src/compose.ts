import type { ServiceAnswer } from './compute-service.ts';
import type { KernelAnswer } from './kernel-answer.ts';
import { mergeDocuments, pathsAdded, withoutMember } from './merge.ts';
import type { Absences, Reason, Sources, TypeReport } from './report.ts';
import type { Identity, Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';
import type { Statistics } from './schema/statistics.ts';

/** What the service said, where it was asked. */
export interface ServicePart {
  name: string;
  /** The types that it was asked for. */
  types: readonly PropertyType[];
  answer?: ServiceAnswer;
  failure?: Reason;
  durationMs: number;
}

/** All that is known when both sides have been asked. */
export interface Answers {
  identity: Identity;
  types: readonly PropertyType[];
  kernel: ReadonlyMap<PropertyType, KernelAnswer>;
  service?: ServicePart;
}

export interface Composed {
  properties: Properties;
  types: Partial<Record<PropertyType, TypeReport>>;
  /** True when at least one type was answered. */
  answered: boolean;
}

/** Members of a document that do not bear the name of their property type. */
const memberOfType: Partial<Record<PropertyType, string>> = {
  SharedMemoryRegion: 'SharedMemoryRegionInfo',
  GuestConnection: 'GuestConnectionInfo',
};

type Members = Record<string, unknown>;

/**
 * One document out of the kernel's answers and the service's: the kernel's members win, the service fills the missing ones.
 * Three things of ours give way where the service has them: a lower bound, an estimate, and a leftover's absence.
 */
export function compose(answers: Answers): Composed {
  const own: Members = { ...answers.identity };
  const types: Partial<Record<PropertyType, TypeReport>> = {};
  const theirs = answers.service?.answer?.document as Members | undefined;
  for (const type of answers.types) {
    const member = memberOfType[type] ?? type;
    const told = isAsked(answers.service, type) ? theirs?.[member] : undefined;
    const answer = answers.kernel.get(type);
    const mine = usableValue(answer, told);
    if (mine !== undefined) own[member] = mine;
    types[type] = typeReport(type, answer, mine, told, answers.service);
  }
  const properties = (theirs === undefined ? own : mergeDocuments(own, theirs)) as unknown as Properties;
  return { properties, types, answered: Object.values(types).some((report) => report.answeredBy !== undefined) };
}

function isAsked(service: ServicePart | undefined, type: PropertyType): boolean {
  return service?.types.includes(type) ?? false;
}

/** The kernel's value, without what the service knows better; undefined where it is worth nothing alone. */
function usableValue(answer: KernelAnswer | undefined, told: unknown): object | undefined {
  if (answer?.value === undefined) return undefined;
  const value = answer.value as object;
  if (told === undefined || told === null) return isUsableAlone(answer) ? value : undefined;
  let mine = value;
  for (const path of [...answer.lowerBounds, ...(answer.estimated ?? [])]) {
    if (hasMember(told, path)) mine = withoutMember(mine, path);
  }
  return mine;
}

function isUsableAlone(answer: KernelAnswer): boolean {
  return answer.leftover === undefined || answer.tolerable === true;
}

function typeReport(
  type: PropertyType,
  answer: KernelAnswer | undefined,
  mine: object | undefined,
  told: unknown,
  service: ServicePart | undefined,
): TypeReport {
  const filled = told === undefined || told === null ? [] : serviceMembers(mine, told);
  const left = (path: string): boolean => !filled.includes(path);
  const lowerBounds = (answer?.lowerBounds ?? []).filter(left);
  const absent = absences(type, answer, service, filled);
  const report: TypeReport = {
    durationMs: (answer?.durationMs ?? 0) + (isAsked(service, type) ? (service?.durationMs ?? 0) : 0),
    sources: mine === undefined && filled.length === 0 ? {} : sourcesOf(answer, filled, service),
    absent,
    estimated: (answer?.estimated ?? []).filter(left),
    lowerBounds,
    complete: lowerBounds.length === 0 && Object.values(absent).every((reason) => reason.code === 'ERR_UNSUPPORTED'),
  };
  if (mine !== undefined) report.answeredBy = isUsableAlone(answer as KernelAnswer) ? 'kernel' : 'service';
  else if (filled.length > 0) report.answeredBy = 'service';
  else report.complete = false;
  if (answer?.processes !== undefined) report.processes = answer.processes;
  const fallback = fallbackReason(type, answer, service);
  if (fallback !== undefined) report.fallback = fallback;
  return report;
}

/** The paths that the service filled in. A list or a plain value is one member without a path of its own. */
function serviceMembers(mine: object | undefined, told: unknown): string[] {
  if (typeof told !== 'object' || told === null || Array.isArray(told)) return mine === undefined ? [''] : [];
  return pathsAdded(mine, told);
}

function sourcesOf(
  answer: KernelAnswer | undefined,
  filled: readonly string[],
  service: ServicePart | undefined,
): Sources {
  if (filled.length === 0 || service === undefined) return answer?.sources ?? {};
  const sources: Record<string, string> = { ...answer?.sources };
  for (const path of filled) sources[path] = service.name;
  return sources;
}

function absences(
  type: PropertyType,
  answer: KernelAnswer | undefined,
  service: ServicePart | undefined,
  filled: readonly string[],
): Absences {
  const ours = Object.entries(answer?.absent ?? {});
  const theirs = Object.entries(service?.answer?.absent ?? {});
  if (filled.length === 0 && theirs.length === 0) return answer?.absent ?? {};
  const isFilled = (path: string): boolean => filled.some((member) => member === path || member.startsWith(`${path}.`));
  const prefix = `${type}.`;
  return Object.fromEntries([
    ...ours.filter(([path]) => !isFilled(path)),
    ...theirs.filter(([path]) => path.startsWith(prefix)).map(([path, reason]) => [path.slice(prefix.length), reason]),
  ]);
}

function fallbackReason(
  type: PropertyType,
  answer: KernelAnswer | undefined,
  service: ServicePart | undefined,
): Reason | undefined {
  if (answer !== undefined) return answer.leftover;
  if (isAsked(service, type) && service?.failure !== undefined) return service.failure;
  return { code: 'ERR_UNSUPPORTED', message: `the kernel has no answer to ${type}` };
}

function hasMember(value: unknown, path: string): boolean {
  return path.split('.').reduce<unknown>((at, name) => (at as Members | undefined)?.[name], value) !== undefined;
}

/** A start time that says nothing: the zero time of the service's own clock. */
export function withoutZeroStart(document: Properties): Properties {
  const start = document.Statistics?.ContainerStartTime;
  if (start === undefined || !start.startsWith('0001-')) return document;
  const { ContainerStartTime: _start, Uptime100ns: _uptime, ...rest } = document.Statistics as Statistics;
  return { ...document, Statistics: rest };
}
