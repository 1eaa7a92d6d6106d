// The JSON Schemas of the command line's outputs, made from the field catalogue: `node scripts/schemas.mjs` (after a build)
// writes docs/schema. A test says when they are no longer current.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fields, hcsPropertyTypes, ownPropertyTypes } from '../packages/core/dist/index.js';
import { answerMembers, stateMembers } from './schemas/hcs-members.mjs';

const dialect = 'https://json-schema.org/draft/2020-12/schema';
const string = { type: 'string' };
const strings = { type: 'array', items: string };
const count = { type: 'integer', minimum: 0 };
const time = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?(Z|[+-]\\d{2}:\\d{2})$',
};
const unitNames = {
  bytes: 'bytes',
  '100ns': '100 ns',
  count: 'count',
  processors: 'processors',
  timestamp: 'RFC 3339',
};

const processId = { ...count, description: 'The process id, as the host has it.' };
const processMembers = {
  ProcessId: processId,
  ImageName: { ...string, description: 'Last component of the program; on Linux at most 15 bytes of it.' },
  CreateTimestamp: { ...time, description: 'When the process was created.' },
};
const treeMembers = {
  ParentProcessId: {
    ...count,
    description:
      'Who started it: on Linux its living parent, 0 where that is out of sight; on Windows whoever had that id then.',
  },
  CommandLine: { ...string, description: 'The command line, at most 4096 bytes of it.' },
};

/** File name -> schema. */
export function schemas() {
  return {
    'properties.json': propertiesSchema(),
    'explained.json': explainedSchema(),
    'stats.json': statsSchema(),
    'ls.json': lsSchema(),
    'ps.json': psSchema(),
    'doctor.json': doctorSchema(),
    'run.json': runSchema(),
    'clean.json': cleanSchema(),
  };
}

/** The text of a schema file. */
export function schemaText(schema) {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function propertiesSchema() {
  return {
    $schema: dialect,
    $id: 'properties.json',
    title: 'silostat inspect --json',
    description: 'An HCS schema-2 Properties document. A member that was not read is absent; 0 is a measured 0.',
    ...object(propertiesMembers(), ['Id']),
    $defs: {
      Statistics: section('Statistics', {
        Timestamp: { ...time, description: 'When the reading began.' },
        ContainerStartTime: {
          ...time,
          description: 'When the container started; the report says if it is an estimate.',
        },
      }),
      ProcessDetails: section('ProcessList', processMembers, ['ProcessId']),
      Limits: section('Limits', setBy()),
      Faults: section('Faults'),
      Linux: linuxSection(),
      ProcessTreeEntry: object({ ProcessId: processId, ...treeMembers }, ['ProcessId']),
    },
  };
}

/** All members of a Properties document. Those that only the compute service knows are passed on as it wrote them. */
function propertiesMembers() {
  return {
    ...identityMembers(),
    ...stateMembers,
    ...answerMembers,
    Statistics: { $ref: 'properties.json#/$defs/Statistics' },
    ProcessList: { type: 'array', items: { $ref: 'properties.json#/$defs/ProcessDetails' } },
    ...Object.fromEntries(ownPropertyTypes.map((name) => [name, { $ref: `properties.json#/$defs/${name}` }])),
    ProcessTree: { type: 'array', items: { $ref: 'properties.json#/$defs/ProcessTreeEntry' } },
  };
}

function identityMembers() {
  return {
    Id: { type: 'string', minLength: 1 },
    SystemType: {
      enum: ['Container', 'VirtualMachine', 'Host', 'Service', 'Cgroup'],
      description: 'Container, VirtualMachine; on Linux also Service and Cgroup.',
    },
    RuntimeOsType: {
      enum: ['Windows', 'Linux', ''],
      description: 'Windows or Linux; empty for a virtual machine of which HCS does not know it.',
    },
    Owner: { ...string, description: 'Who created it; on Linux the engine in lower case.' },
  };
}

/** Whose a limit is, beside each limit. */
function setBy() {
  const description = 'The cgroup whose limit it is; absent where there is none.';
  const names = fields.filter(({ path }) => path.startsWith('Limits.')).map(({ path }) => path.split('.')[1]);
  return Object.fromEntries(names.map((name) => [`${name.replace(/Bytes$/, '')}SetBy`, { ...string, description }]));
}

/** Huge pages and network interfaces are lists, and have names. */
function linuxSection() {
  const root = section('Linux');
  const { HugePages, Network } = root.properties;
  addMembers(HugePages.items, { PageSize: { type: 'string', pattern: '^\\d+[KMG]B$' } });
  addMembers(Network.properties.Interfaces.items, { Name: string });
  const namespace = 'host: it has the network of the host, whose traffic is not its own.';
  addMembers(Network, { Namespace: { enum: ['own', 'host'], description: namespace } });
  return root;
}

/** Puts required members before the figures of an object. */
function addMembers(schema, members) {
  schema.properties = { ...members, ...schema.properties };
  schema.required = [...Object.keys(members)];
}

/** The object of one property type, from the catalogue's rows; `others` are members that are not figures. */
function section(type, others = {}, required = []) {
  const root = object({ ...others }, required);
  for (const field of fields) {
    const steps = field.path.split('.');
    if (steps[0] !== type) continue;
    const name = String(steps.pop());
    let at = root;
    for (let depth = 2; depth <= steps.length; depth++) {
      const step = steps[depth - 1];
      const isList = field.each === steps.slice(0, depth).join('.');
      at.properties[step] ??= isList ? { type: 'array', items: object({}) } : object({});
      at = isList ? at.properties[step].items : at.properties[step];
    }
    at.properties[name] ??= figure(field, name);
  }
  return root;
}

function figure(field, name) {
  const description = `${field.title}: ${field.meaning} Unit: ${unitNames[field.unit]}; ${field.kind}.`;
  if (field.unit === 'timestamp') return { ...time, description };
  const type = field.unit === 'processors' ? 'number' : 'integer';
  if (!field.path.startsWith('Limits.') && !name.endsWith('Limit')) return { type, minimum: 0, description };
  return { type: [type, 'null'], minimum: 0, description: `${description} null: no limit.` };
}

function explainedSchema() {
  return {
    $schema: dialect,
    $id: 'explained.json',
    title: 'silostat inspect --json --explain',
    ...object({ Properties: { $ref: 'properties.json' }, Report: { $ref: '#/$defs/Report' } }, [
      'Properties',
      'Report',
    ]),
    $defs: {
      Report: reportSchema(),
      Type: typeSchema(),
      Reason: reasonSchema(),
      Cause: causeSchema(),
      Processes: tallySchema(),
    },
  };
}

function reportSchema() {
  const members = {
    StartedAt: time,
    Duration100ns: count,
    Kernel: { ...string, description: 'What kind of kernel object was asked.' },
    NotOpened: { $ref: '#/$defs/Reason', description: 'Why the kernel object could not be opened.' },
    Types: { ...map({ $ref: '#/$defs/Type' }), propertyNames: { enum: [...hcsPropertyTypes, ...ownPropertyTypes] } },
  };
  return object(members, ['StartedAt', 'Duration100ns', 'Types']);
}

function typeSchema() {
  const reason = { $ref: '#/$defs/Reason' };
  const complete = 'False where something that should be there is missing, or is a lower bound.';
  const members = {
    AnsweredBy: { enum: ['kernel', 'service'], description: 'Absent: nobody answered.' },
    Duration100ns: count,
    Complete: { type: 'boolean', description: complete },
    Sources: { ...map(string), description: 'Where each member was read. A path stands for all below it.' },
    Absent: { ...map(reason), description: 'Why a member is absent. A path stands for all below it.' },
    Estimated: strings,
    LowerBounds: strings,
    Processes: { $ref: '#/$defs/Processes' },
    Fallback: { ...reason, description: 'Why the kernel did not answer; absent where NotOpened says so.' },
    ServiceFailure: { ...reason, description: 'Why the compute service, which was asked, did not answer either.' },
  };
  return object(members, ['Duration100ns', 'Complete', 'Sources', 'Absent', 'Estimated', 'LowerBounds']);
}

function reasonSchema() {
  const members = { Code: { type: 'string', pattern: '^ERR_' }, Message: string, Cause: { $ref: '#/$defs/Cause' } };
  return object(members, ['Code', 'Message']);
}

function causeSchema() {
  const kind = { enum: ['win32', 'ntstatus', 'hresult', 'errno'] };
  const members = { Message: string, Api: string, Kind: kind, Status: count, Cause: { $ref: '#/$defs/Cause' } };
  return object(members, ['Message']);
}

function tallySchema() {
  const names = ['Listed', 'Read', 'Gone', 'Denied', 'Reused', 'Unreadable'];
  const description = 'What became of the processes that were listed: the others add up to Listed.';
  return { ...object(Object.fromEntries(names.map((name) => [name, count])), names), description };
}

function statsSchema() {
  const members = {
    ...identityMembers(),
    Names: strings,
    ...stateMembers,
    Statistics: { $ref: 'properties.json#/$defs/Statistics' },
  };
  return {
    $schema: dialect,
    $id: 'stats.json',
    title: 'silostat stats --json',
    description: 'Totals since each container started. With --watch, one such value a line.',
    type: 'array',
    items: object(members, ['Id', 'Names']),
  };
}

function lsSchema() {
  const members = {
    ...identityMembers(),
    Names: strings,
    State: { enum: ['Running', 'Paused', 'Created', 'Stopped', 'Unknown'] },
    Image: string,
    Pod: object({ Name: string, Namespace: string, Uid: string }),
    Labels: map(string),
    Absent: {
      ...map(string),
      description:
        'Linux: why Names, Image or Labels are not told: the engine keeps it in a database, a file cannot be used.',
    },
    ProcessCount: { ...count, description: 'Living processes, those of nested groups included.' },
    StartTime: time,
    CgroupPath: { type: 'string', pattern: '^/', description: 'Linux: as in /proc/PID/cgroup.' },
    JobName: { ...string, description: "Windows: the job object's name." },
    Verified: { type: 'boolean', description: 'Windows: false when anybody could have made that job object.' },
  };
  return {
    $schema: dialect,
    $id: 'ls.json',
    title: 'silostat ls --json',
    type: 'array',
    items: object(members, ['Id', 'Names', 'SystemType', 'RuntimeOsType', 'Owner', 'State']),
  };
}

function psSchema() {
  return {
    $schema: dialect,
    $id: 'ps.json',
    title: 'silostat ps --json',
    type: 'array',
    items: section('ProcessList', { ...processMembers, ...treeMembers }, ['ProcessId']),
  };
}

function cleanSchema() {
  const members = {
    Id: string,
    CgroupPath: { type: 'string', pattern: '^/' },
    ProcessCount: { ...count, description: 'Processes that still ran in it.' },
    Removed: { type: 'boolean', description: 'False with --dry-run.' },
  };
  return {
    $schema: dialect,
    $id: 'clean.json',
    title: 'silostat clean --json',
    type: 'array',
    items: object(members, ['Id', 'CgroupPath', 'ProcessCount', 'Removed']),
  };
}

function doctorSchema() {
  const capability = {
    Name: string,
    State: { enum: ['yes', 'partly', 'no', 'unknown'] },
    Detail: { ...string, description: 'What was found.' },
    Lost: { ...string, description: 'What is not to be had without it.' },
    Remedy: { ...string, description: 'How to get it.' },
  };
  return {
    $schema: dialect,
    $id: 'doctor.json',
    title: 'silostat doctor --json',
    ...object(
      {
        System: { enum: ['Windows', 'Linux'] },
        Release: string,
        Capabilities: { type: 'array', items: object(capability, ['Name', 'State', 'Detail']) },
      },
      ['System', 'Release', 'Capabilities'],
    ),
  };
}

function runSchema() {
  const members = {
    Command: { type: 'array', items: string, minItems: 1 },
    ExitCode: count,
    Signal: { type: 'string', pattern: '^SIG' },
    WallTime100ns: count,
    Properties: { $ref: 'properties.json', description: 'At the end; memory as it was when processes were last seen.' },
    Peak: peakSchema(),
    Started: startedSchema(),
    Report: { $ref: 'explained.json#/$defs/Report' },
  };
  return {
    $schema: dialect,
    $id: 'run.json',
    title: 'silostat run --export-json',
    ...object(members, ['Command', 'WallTime100ns', 'Properties', 'Peak', 'Started', 'Report']),
    oneOf: [{ required: ['ExitCode'] }, { required: ['Signal'] }],
  };
}

function startedSchema() {
  const members = {
    Count: { ...count, description: 'Processes started, those that have exited included.' },
    IsLowerBound: { type: 'boolean', description: 'True when some starts were missed.' },
    Source: string,
  };
  const absent = { Absent: object({ Code: string, Message: string }, ['Code', 'Message']) };
  return { oneOf: [object(members, ['Count', 'IsLowerBound', 'Source']), object(absent, ['Absent'])] };
}

function peakSchema() {
  const commit = 'The largest commit (Windows) or charge (Linux), as the kernel keeps it.';
  const members = {
    MemoryUsageCommitBytes: { ...count, description: commit },
    MemoryUsagePrivateWorkingSetBytes: {
      ...count,
      description: 'The largest private working set among the readings.',
    },
    Readings: { ...count, description: 'How many readings saw living processes.' },
  };
  return object(members, ['Readings']);
}

function object(properties, required = []) {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

function map(values) {
  return { type: 'object', additionalProperties: values };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('../docs/schema/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of Object.entries(schemas())) writeFileSync(new URL(name, folder), schemaText(schema));
}
