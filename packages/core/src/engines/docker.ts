import { recordedStart } from '../start-time.ts';
import type { EngineFacts } from './facts.ts';
import { factsIn } from './facts.ts';
import { textAt, textsAt } from './json-member.ts';
import { podFacts } from './kubernetes.ts';
import type { StateFolder } from './state-folder.ts';

/** What Docker wrote down about one container, in `containers/<id>/config.v2.json`. */
export function readDockerFacts(docker: StateFolder, id: string): EngineFacts | undefined {
  return factsIn(docker.readJson(`containers/${id}/config.v2.json`), parseDockerConfig);
}

function parseDockerConfig(json: unknown): Omit<EngineFacts, 'problems'> {
  const name = textAt(json, 'Name')?.replace(/^\//, '');
  const image = textAt(json, 'Config', 'Image');
  const labels = textsAt(json, 'Config', 'Labels');
  const startTime = recordedStart(textAt(json, 'State', 'StartedAt') ?? '', 'docker config.v2.json StartedAt');
  return {
    ...(name === undefined ? {} : { names: [name] }),
    ...(image === undefined ? {} : { image }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(labels === undefined ? {} : { labels, ...podFacts(labels) }),
  };
}
