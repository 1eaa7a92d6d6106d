import type { EngineFacts } from './facts.ts';

/** The keys under which kubelet and the CRI runtimes write the same four things into annotations and labels. */
const podName = ['io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name'];
const podNamespace = ['io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.pod.namespace'];
const podUid = ['io.kubernetes.cri.sandbox-uid', 'io.kubernetes.pod.uid'];
/** nerdctl writes its own labels into the annotations too. */
const containerName = ['io.kubernetes.cri.container-name', 'io.kubernetes.container.name', 'nerdctl/name'];
const imageName = ['io.kubernetes.cri.image-name', 'io.kubernetes.cri-o.ImageName'];

type Texts = Readonly<Record<string, string>>;

/** The pod that a container belongs to, as its annotations or labels say. */
export function podFacts(texts: Texts): Pick<EngineFacts, 'pod'> {
  const name = first(texts, podName);
  const namespace = first(texts, podNamespace);
  const uid = first(texts, podUid);
  const pod = {
    ...(name === undefined ? {} : { Name: name }),
    ...(namespace === undefined ? {} : { Namespace: namespace }),
    ...(uid === undefined ? {} : { Uid: uid }),
  };
  return Object.keys(pod).length === 0 ? {} : { pod };
}

/** What the annotations of an OCI bundle say of a container: its name, and of a pod's container its image and its pod. */
export function annotationFacts(annotations: Texts): Pick<EngineFacts, 'names' | 'image' | 'pod'> {
  const name = first(annotations, containerName);
  const image = first(annotations, imageName);
  return {
    ...(name === undefined ? {} : { names: [name] }),
    ...(image === undefined ? {} : { image }),
    ...podFacts(annotations),
  };
}

function first(texts: Texts, keys: readonly string[]): string | undefined {
  const key = keys.find((candidate) => Object.hasOwn(texts, candidate));
  return key === undefined ? undefined : texts[key];
}
