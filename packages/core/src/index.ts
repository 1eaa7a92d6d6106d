export type { QueryOptions } from './compute-system.ts';
export { ComputeSystem } from './compute-system.ts';
export type { Capability, CapabilityName, Diagnosis } from './diagnosis.ts';
export type { ErrorCode, SilostatErrorDetails, StatusKind } from './errors.ts';
export { isSilostatError, NativeError, SilostatError } from './errors.ts';
export { exitProcess, isExitHindered } from './exit-process.ts';
export type { Field, FieldKind, FieldUnit } from './fields.ts';
export { fields } from './fields.ts';
export type { FollowedRound, FollowedSample, FollowerEvents, FollowOptions } from './follower.ts';
export { Follower } from './follower.ts';
export type { CleanOptions, Leftover, ListOptions } from './host.ts';
export {
  cleanJobContainers,
  createJobContainer,
  diagnoseHost,
  followComputeSystems,
  listComputeSystems,
  openComputeSystem,
  parseReference,
} from './host.ts';
export type { JobIdentity } from './job.ts';
export type {
  JobContainer,
  JobContainerOptions,
  JobLimits,
  JobProcess,
  StartedProcesses,
} from './job-container.ts';
export type { Answerer, FallbackEvent, QueryEvent } from './query-events.ts';
export type { Rates } from './rates.ts';
export { ratesBetween } from './rates.ts';
export type { Reference } from './reference.ts';
export type { Absences, ProcessTally, QueryResult, Reason, Report, Sources, TypeReport } from './report.ts';
export type { Sample, SampledSystem, SampleState } from './sampled-system.ts';
export type { Round, SamplerClock, SamplerOptions } from './sampler.ts';
export { Sampler } from './sampler.ts';
export type {
  Faults,
  HugePages,
  Limits,
  LinuxFigures,
  Network,
  NetworkInterface,
  ProcessTreeEntry,
} from './schema/own.ts';
export type { ProcessDetails } from './schema/process-details.ts';
export type { Identity, Properties } from './schema/properties.ts';
export type { HcsPropertyType, OwnPropertyType, PropertyType } from './schema/property-type.ts';
export { hcsPropertyTypes, isPropertyType, ownPropertyTypes } from './schema/property-type.ts';
export type { MemoryStatistics, ProcessorStatistics, Statistics, StorageStatistics } from './schema/statistics.ts';
export type { ComputeSystemSummary } from './schema/summary.ts';
export { rfc3339FromUnixMs } from './schema/time.ts';
export type { Clock } from './start-time.ts';
export type { FoundSystem } from './system-watch.ts';
