import type { EngineFacts } from '../../engines/facts.ts';
import type { ComputeSystemSummary } from '../../schema/summary.ts';

type Told = 'Names' | 'Image' | 'Labels';

const inDatabase = 'containerd keeps it in its database, which silostat does not open';
const onlyAnnotations = 'only the annotations of a pod or of nerdctl tell it';

/** What each engine writes into no file that can be read without it. */
const neverTold: Readonly<Record<string, Partial<Record<Told, string>>>> = {
  containerd: { Names: onlyAnnotations, Image: inDatabase, Labels: inDatabase },
  podman: { Labels: 'Podman keeps it in its database, which silostat does not open' },
  'cri-o': { Labels: 'CRI-O tells it to its clients only' },
  runc: { Image: 'runc knows no images', Labels: 'runc has annotations, and no labels' },
  crun: { Image: 'crun knows no images', Labels: 'crun has annotations, and no labels' },
  lxc: { Image: 'LXC does not write down what a container was made from', Labels: 'LXC has no labels' },
  docker: {
    Names: 'there is no config.v2.json of it below /var/lib/docker',
    Image: 'there is no config.v2.json of it below /var/lib/docker',
  },
  '': {
    Names: 'no engine has a record of it',
    Image: 'no engine has a record of it',
    Labels: 'no engine has a record of it',
  },
};

/** Why a container has no name, image or labels: a file that cannot be used, or an engine that writes it into none. */
export function whyAbsent(owner: string, facts: EngineFacts): ComputeSystemSummary['Absent'] {
  const has: Record<Told, boolean> = {
    Names: facts.names !== undefined,
    Image: facts.image !== undefined,
    Labels: facts.labels !== undefined,
  };
  const problem = facts.problems[0]?.message;
  const absent: Record<string, string> = {};
  for (const member of ['Names', 'Image', 'Labels'] as const) {
    const reason = problem ?? neverTold[owner]?.[member];
    if (!has[member] && reason !== undefined) absent[member] = reason;
  }
  return Object.keys(absent).length === 0 ? undefined : absent;
}
