import type { Capability, CapabilityName, Diagnosis } from 'silostat';
import type { Paint } from './paint.ts';
import { visible } from './visible.ts';
import { wrap } from './wrap.ts';

interface Meaning {
  readonly title: string;
  /** What is not to be had without it, or not whole. */
  readonly lost: string;
  /** How to get it. */
  readonly remedy: string;
}

const asSystem = 'run as SYSTEM: docs/windows.md says how';

const meanings: Readonly<Record<CapabilityName, Meaning>> = {
  cgroups: {
    title: 'cgroups',
    lost: 'all containers, or those that lie elsewhere',
    remedy: "mount cgroup2 on /sys/fs/cgroup; in a container give it the host's: -v /sys/fs/cgroup:/sys/fs/cgroup:ro",
  },
  objects: { title: 'Finding job objects', lost: 'ls, and opening by id: give the whole NT path', remedy: asSystem },
  open: { title: 'Opening job objects', lost: 'all figures of those that are closed to us', remedy: asSystem },
  memory: {
    title: 'Memory',
    lost: 'COMMIT and its peak; the private working set is added up process by process',
    remedy: 'boot with cgroup_enable=memory, and see that nobody has disabled the controller',
  },
  processor: {
    title: 'Processor',
    lost: 'CPU% and CPU-TIME',
    remedy: 'use cgroup v2, or mount the cpuacct controller',
  },
  storage: {
    title: 'Storage',
    lost: 'READ and WRITE',
    remedy: 'Linux: use cgroup v2; Windows: whoever makes a job has Windows attribute I/O to it',
  },
  limits: { title: 'Limits', lost: 'MEMORY-LIMIT, PROCESSOR-LIMIT, COMMIT%', remedy: 'a later Windows has them' },
  pressure: {
    title: 'Pressure',
    lost: 'CPU-, MEMORY- and I/O-PRESSURE',
    remedy: 'use cgroup v2 and a kernel booted with psi=1',
  },
  'private working set': {
    title: 'Private working set',
    lost: 'a cost that does not grow with the host',
    remedy: 'Windows 10 1607, Windows Server 2016 or later',
  },
  'command lines': { title: 'Command lines', lost: 'COMMAND shows the program alone', remedy: 'Windows 8.1 or later' },
  processes: {
    title: 'Processes',
    lost: 'ProcessList, PIDS and ps of what is hidden',
    remedy: 'run as root in the first pid namespace: docker run --pid=host',
  },
  engines: {
    title: "Engines' records",
    lost: 'names, images, labels, pods and exact start times',
    remedy: 'run as root',
  },
  service: {
    title: 'Host Compute Service',
    lost: 'virtual machines, and what the kernel does not know',
    remedy: 'enable the Containers or Hyper-V feature, and run as an administrator',
  },
  jobs: {
    title: 'Making job containers',
    lost: "the kernel's own sums in silostat run, and limits",
    remedy: 'run as root, or in a delegated cgroup',
  },
};

const marks: Readonly<Record<Capability['state'], string>> = { yes: 'ok', partly: 'partly', no: 'no', unknown: '?' };
const styles = { yes: 'green', partly: 'yellow', no: 'red', unknown: 'dim' } as const;

export interface DoctorPage {
  readonly width: number;
  readonly paint: Paint;
}

/** A line per capability; where one is missing also what is lost without it, and how to get it. */
export function renderDiagnosis(
  { platform, release, capabilities }: Diagnosis,
  { width, paint }: DoctorPage,
): string[] {
  const titleWidth = Math.max(...capabilities.map(({ name }) => meanings[name].title.length));
  const lines = capabilities.flatMap(({ name, state, detail }) => {
    const { title, lost, remedy } = meanings[name];
    const mark = paint(styles[state], marks[state].padEnd(6));
    const indent = ' '.repeat(titleWidth + 10);
    const [first = '', ...more] = wrap(indent, visible(detail), width);
    const own = [`${mark}  ${title.padEnd(titleWidth)}  ${first.trimStart()}`, ...more];
    if (state === 'yes' || state === 'unknown') return own;
    return [...own, ...wrap(`${indent}lost: `, lost, width), ...wrap(`${indent}to get it: `, remedy, width)];
  });
  return [`${platform === 'win32' ? 'Windows' : 'Linux'} ${visible(release)}`, ...lines];
}

/** The same for programs. */
export function diagnosisDocument({ platform, release, capabilities }: Diagnosis): object {
  return {
    System: platform === 'win32' ? 'Windows' : 'Linux',
    Release: release,
    Capabilities: capabilities.map(({ name, state, detail }) => {
      const { lost, remedy } = meanings[name];
      const isMissing = state === 'no' || state === 'partly';
      return { Name: name, State: state, Detail: detail, ...(isMissing && { Lost: lost, Remedy: remedy }) };
    }),
  };
}
