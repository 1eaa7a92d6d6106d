import type { ServicePart } from './ask-service.ts';
import type { KernelAnswer } from './kernel-answer.ts';
import { hasMember, mergeDocuments, pathsAdded, withoutMember } from './merge.ts';
import type { Absences, Reason, Sources, TypeReport } from './report.ts';
import { isTallyComplete } from './report.ts';
import type { Identity, Properties } from './schema/properties.ts';
import type { PropertyType } from './schema/property-type.ts';
import { isHcsPropertyType } from './schema/property-type.ts';

/** All that is known when both sides have been asked. */
export interface Answers {
  identity: Identity;
  types: readonly PropertyType[];
  kernel: Map<PropertyType, KernelAnswer>;
  /** True where there was no job to ask. */
  notOpened: boolean;
  service?: ServicePart;
  /** Why there is no service, where that is known. */
  noService?: Reason | undefined;
}

export interface Composed {
  properties: Properties;
  types: Partial<Record<PropertyType, TypeReport>>;
  /** True when at least one type was answered. */
  answered: boolean;
  /** True when at least one type has a value, be it only a part of what it should have. */
  hasValues: boolean;
}

export interface ComposeOptions {
  /** Keep what is worth nothing as an answer: the sections of Statistics that could be read where another could not. */
  parts?: boolean;
}

/** Members of a document that do not bear the name of their property type. */
const memberOfType: Partial<Record<PropertyType, string>> = {
  SharedMemoryRegion: 'SharedMemoryRegionInfo',
  GuestConnection: 'GuestConnectionInfo',
};

const nothing = Object.freeze({});
const none: readonly string[] = Object.freeze([]);

type Members = Record<string, unknown>;

/** All that is known of one type. */
interface TypePart {
  readonly type: PropertyType;
  /** What its member of the document is called. */
  readonly member: string;
  /** Absent: it is not the kernel's. */
  readonly answer: KernelAnswer | undefined;
  /** Absent: the service was not asked for it. */
  readonly service: ServicePart | undefined;
  /** Why there is none. */
  readonly noService: Reason | undefined;
  /** The service's value. */
  readonly told: unknown;
  /** The kernel's value, as far as it goes into the document. */
  readonly mine: object | undefined;
  /** The paths that only the service's value has. */
  readonly filled: readonly string[];
}

/**
 * One document out of the kernel's answers and the service's: the kernel's members win, the service fills the missing ones.
 * Two things of ours give way where the service has them: a lower bound and an estimate.
 */
export function compose(answers: Answers, options: ComposeOptions = {}): Composed {
  const own = identityMembers(answers.identity);
  const types: Partial<Record<PropertyType, TypeReport>> = {};
  let answered = false;
  let hasValues = false;
  for (const type of answers.types) {
    const part = typePart(answers, type, options);
    if (part.mine !== undefined) own[part.member] = part.mine;
    const report = typeReport(part, answers.notOpened);
    types[type] = report;
    answered ||= report.answeredBy !== undefined;
    hasValues ||= part.mine !== undefined || part.told !== undefined;
  }
  const theirs = answers.service?.answer?.document;
  const properties = (theirs === undefined ? own : mergeDocuments(own, theirs)) as unknown as Properties;
  return { properties, types, answered, hasValues };
}

/** Written out: a member that is added to a copy made by spreading costs 1 us. */
function identityMembers({ Id, SystemType, RuntimeOsType, Owner }: Identity): Members {
  return { Id, SystemType, RuntimeOsType, Owner };
}

function typePart(answers: Answers, type: PropertyType, options: ComposeOptions): TypePart {
  const answer = answers.kernel.get(type);
  const member = memberOfType[type] ?? type;
  const service = answers.service?.types.includes(type) === true ? answers.service : undefined;
  const { noService } = answers;
  const told = (service?.answer?.document as Members | undefined)?.[member] ?? undefined;
  if (told === undefined) {
    const mine = isUsableAlone(answer) || options.parts === true ? answer?.value : undefined;
    return { type, member, answer, service, noService, told, mine, filled: none };
  }
  const mine = valueBeside(answer, told);
  return { type, member, answer, service, noService, told, mine, filled: pathsFilled(mine, told) };
}

function isUsableAlone(answer: KernelAnswer | undefined): boolean {
  return answer !== undefined && (answer.leftover === undefined || answer.tolerable === true);
}

/** The kernel's value, without what the service knows better. */
function valueBeside(answer: KernelAnswer | undefined, told: unknown): object | undefined {
  let mine = answer?.value;
  if (answer === undefined || mine === undefined) return undefined;
  for (const path of [...answer.lowerBounds, ...answer.estimated]) {
    if (hasMember(told, path)) mine = withoutMember(mine, path);
  }
  return mine;
}

/** A list or a plain value is one member without a path of its own. */
function pathsFilled(mine: object | undefined, told: unknown): string[] {
  if (typeof told !== 'object' || told === null || Array.isArray(told)) return mine === undefined ? [''] : [];
  return pathsAdded(mine, told);
}

function typeReport(part: TypePart, notOpened: boolean): TypeReport {
  const { answer, service } = part;
  const report: TypeReport = {
    durationMs: (answer?.durationMs ?? 0) + (service?.durationMs ?? 0),
    sources: sourcesOf(part),
    absent: absencesOf(part),
    estimated: leftOf(answer?.estimated, part.filled),
    lowerBounds: leftOf(answer?.lowerBounds, part.filled),
    complete: false,
  };
  if (isUsableAlone(answer)) report.answeredBy = 'kernel';
  else if (part.told !== undefined) report.answeredBy = 'service';
  report.complete = isComplete(part, report);
  if (answer?.processes !== undefined) report.processes = answer.processes;
  const fallback = answer === undefined ? notTheKernels(part) : notOpened ? undefined : answer.leftover;
  if (fallback !== undefined) report.fallback = fallback;
  const serviceFailure = serviceFailureOf(part);
  if (serviceFailure !== undefined) report.serviceFailure = serviceFailure;
  return report;
}

/** Without those that the service has filled in. */
function leftOf(paths: readonly string[] = none, filled: readonly string[]): readonly string[] {
  return filled.length === 0 ? paths : paths.filter((path) => !filled.includes(path));
}

function isComplete(part: TypePart, report: TypeReport): boolean {
  if (report.answeredBy === undefined || report.lowerBounds.length > 0) return false;
  for (const path in report.absent) if (report.absent[path]?.code !== 'ERR_UNSUPPORTED') return false;
  const tally = part.answer?.processes;
  return tally === undefined || isTallyComplete(tally) || part.filled.length > 0;
}

function sourcesOf({ answer, mine, service, filled }: TypePart): Sources {
  const ours = mine === undefined ? nothing : (answer?.sources ?? nothing);
  if (service === undefined || filled.length === 0) return ours;
  const sources: Record<string, string> = { ...ours };
  for (const path of filled) sources[path] = service.name;
  return sources;
}

function absencesOf({ answer, member, service, filled }: TypePart): Absences {
  const ours = answer?.absent ?? nothing;
  if (service === undefined) return ours;
  const theirs = Object.entries(service.answer?.absent ?? nothing);
  if (filled.length === 0 && theirs.length === 0) return ours;
  const isFilled = (path: string): boolean => filled.some((member) => member === path || member.startsWith(`${path}.`));
  const prefix = `${member}.`;
  return Object.fromEntries([
    ...Object.entries(ours).filter(([path]) => !isFilled(path)),
    ...theirs.filter(([path]) => path.startsWith(prefix)).map(([path, reason]) => [path.slice(prefix.length), reason]),
  ]);
}

function notTheKernels({ type, service, noService }: TypePart): Reason {
  const isUntold = service === undefined && noService === undefined && isHcsPropertyType(type);
  const nobodyElse = isUntold ? ', and there is no compute service to ask' : '';
  return { code: 'ERR_UNSUPPORTED', message: `the kernel has no answer to ${type}${nobodyElse}` };
}

/** Why the service did not answer what it should have: it failed, or there is none. */
function serviceFailureOf({ type, answer, service, noService, told }: TypePart): Reason | undefined {
  const isLeft = answer === undefined || answer.leftover !== undefined;
  if (service === undefined) return isLeft && isHcsPropertyType(type) ? noService : undefined;
  if (told !== undefined) return undefined;
  return service.failure ?? { code: 'ERR_UNSUPPORTED', message: `${service.name} left ${type} out of its answer` };
}
