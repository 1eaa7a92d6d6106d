import { recordedStart } from '../start-time.ts';
import type { EngineFacts } from './facts.ts';
import { factsIn } from './facts.ts';
import { textAt, textsAt } from './json-member.ts';
import { KeptFiles } from './kept-files.ts';
import { podFacts } from './kubernetes.ts';
import type { StateFolder } from './state-folder.ts';

const known = new WeakMap<StateFolder, KeptFiles<EngineFacts | undefined>>();

/** What Docker wrote down about one container, in `containers/<id>/config.v2.json`. */
export function readDockerFacts(docker: StateFolder, id: string): EngineFacts | undefined {
  const files = known.get(docker) ?? new KeptFiles();
  known.set(docker, files);
  return files.read(docker, `containers/${id}/config.v2.json`, (file) => factsIn(file, parseDockerConfig));
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
