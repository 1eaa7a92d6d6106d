import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EngineFacts } from '../../dist/engines/facts.js';
import type { StateFile, StateFolder } from '../../dist/engines/state-folder.js';
import { whyAbsent } from '../../dist/linux/containers/absent.js';
import type { EngineFolders } from '../../dist/linux/containers/engines/folders.js';
import { engineFolders } from '../../dist/linux/containers/engines/folders.js';
import { EngineRecords } from '../../dist/linux/containers/engines/records.js';
import type { RuntimeState } from '../../dist/linux/containers/engines/runtime-state.js';
import type { Hierarchies } from '../../dist/linux/mounts.js';
import { ProcFs } from '../../dist/linux/process/proc.js';

const id = 'ab'.repeat(32);
const hierarchies: Hierarchies = { v1: [], v2: undefined, byController: new Map(), proc: new ProcFs('/proc') };

describe("the engines' records", () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'silostat-records-'));
  });
  after(() => rmSync(root, { recursive: true }));

  function put(path: string, content: string): void {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }

  const factsOf = (owner: string, role: 'container' | 'unit' = 'container') =>
    new EngineRecords(engineFolders(root), hierarchies).factsOf({ role, id, owner });

  it('are nobody’s where there are no engines', () => {
    assert.deepEqual(factsOf(''), { owner: '', problems: [] });
    assert.deepEqual(factsOf('docker'), { owner: 'docker', problems: [] });
  });

  it('that are broken are the reason of the containers that they are about', () => {
    put(`/var/lib/docker/containers/${id}/config.v2.json`, '{');
    const docker = factsOf('docker');
    assert.deepEqual([docker.names, docker.problems.map(({ code }) => code)], [undefined, ['ERR_PARSE']]);
    assert.match(docker.problems[0]?.message ?? '', /config\.v2\.json": it is no JSON/);
    put('/var/lib/containers/storage/vfs-containers/containers.json', '[');
    assert.deepEqual(
      factsOf('podman').problems.map(({ code }) => code),
      ['ERR_PARSE'],
    );
    assert.deepEqual(factsOf('containerd').problems, []);
  });

  it('tell whose a pod’s container is', () => {
    assert.equal(factsOf('').owner, 'docker');
    const bundle = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/config.json`;
    put(bundle, JSON.stringify({ annotations: { 'io.kubernetes.cri.sandbox-name': 'p' } }));
    const { owner, pod, names } = factsOf('');
    assert.deepEqual([owner, pod, names], ['containerd', { Name: 'p' }, undefined]);
  });

  it('are asked about containers only', () => {
    put(`/var/lib/docker/containers/${id}/config.v2.json`, '{"Name": "/x"}');
    assert.deepEqual(factsOf('docker').names, ['x']);
    assert.deepEqual(factsOf('docker', 'unit'), { owner: 'docker', problems: [] });
  });

  describe('of a container in a storage of its own', () => {
    const storage = '/home/ann/.local/share/containers/storage';
    const bundle = `${storage}/overlay-containers/${id}/userdata`;
    const stateOf = (uid: number, at = bundle): RuntimeState => ({
      runtime: 'crun',
      id,
      uid,
      cgroupPaths: new Map(),
      annotations: {},
      bundle: at,
    });
    const facts = (state: RuntimeState) =>
      new EngineRecords(engineFolders(root), hierarchies).factsOf({ role: 'container', id, owner: 'podman', state });
    const us = process.getuid?.() ?? 0;

    before(() => {
      put(
        `${storage}/overlay-containers/containers.json`,
        JSON.stringify([{ id, names: ['ann-web'], metadata: '{"image-name": "docker.io/library/nginx:1"}' }]),
      );
    });

    it('are read there, as the runtime was told', () => {
      const { names, image } = facts(stateOf(us));
      assert.deepEqual([names, image], [['ann-web'], 'docker.io/library/nginx:1']);
    });

    it('are not read for a user whose they are not', () => {
      const { names, problems } = facts(stateOf(us + 1));
      assert.equal(names, undefined);
      assert.match(problems[0]?.message ?? '', /somebody else's/);
    });

    it('are not looked for where the state does not point to a storage with this container in it', () => {
      for (const at of [
        '',
        '/',
        `${storage}/../../x-containers/${id}/userdata`,
        bundle.replace('ab', 'cd'),
        `${bundle}/x`,
      ]) {
        assert.equal(facts(stateOf(us, at)).names, undefined, at);
      }
    });
  });

  it('of nerdctl are annotations', () => {
    const nerd = 'cd'.repeat(32);
    const annotations = {
      'nerdctl/name': 'shop',
      'nerdctl/state-dir': `/var/lib/nerdctl/1935db59/containers/default/${nerd}`,
    };
    put(`/run/containerd/io.containerd.runtime.v2.task/default/${nerd}/config.json`, JSON.stringify({ annotations }));
    const records = new EngineRecords(engineFolders(root), hierarchies);
    assert.deepEqual(records.factsOf({ role: 'container', id: nerd, owner: 'containerd' }).names, ['shop']);
  });

  it('of a runtime have the annotations, where they are all there is', () => {
    const labels = [
      'bundle=/b',
      'io.kubernetes.cri.container-name=cart',
      'io.kubernetes.cri.sandbox-name=cart-0',
      'x',
      '=y',
      'k=a=b',
    ];
    put('/run/runc/lone/state.json', JSON.stringify({ config: { labels: [...labels, 7] } }));
    const [state] = new EngineRecords(engineFolders(root), hierarchies).runtimeStates;
    assert.deepEqual([state?.bundle, state?.annotations['k']], ['/b', 'a=b']);
    const lone = { role: 'container', id: 'lone', owner: 'runc', ...(state === undefined ? {} : { state }) } as const;
    const { names, pod } = new EngineRecords(engineFolders(root), hierarchies).factsOf(lone);
    assert.deepEqual([names, pod], [['cart'], { Name: 'cart-0' }]);
  });

  it('that are nobody’s to read have their reason', () => {
    const none: EngineFacts = { problems: [] };
    assert.deepEqual(Object.keys(whyAbsent('containerd', none) ?? {}), ['Names', 'Image', 'Labels']);
    assert.match(whyAbsent('containerd', none)?.['Image'] ?? '', /database/);
    assert.match(whyAbsent('podman', { ...none, names: ['x'], image: 'y' })?.['Labels'] ?? '', /database/);
    assert.equal(whyAbsent('docker', { ...none, names: ['x'], image: 'y' }), undefined);
    const broken: EngineFacts = { problems: [{ code: 'ERR_PARSE', message: 'cannot use it' }] };
    assert.deepEqual(whyAbsent('docker', { ...broken, image: 'y' }), {
      Names: 'cannot use it',
      Labels: 'cannot use it',
    });
  });

  it('that we may not read tell nothing', () => {
    const denied: StateFile = { kind: 'unusable', reason: { code: 'ERR_ACCESS_DENIED', message: 'EACCES' } };
    const reading = { readJson: () => denied, fileMark: () => undefined, foldersIn: () => ['k8s.io'] };
    const folder = reading as unknown as StateFolder;
    const folders: EngineFolders = { root: '', run: folder, docker: folder, storage: folder };
    const facts = new EngineRecords(folders, hierarchies).factsOf({ role: 'container', id, owner: '' });
    assert.equal(facts.owner, '');
    assert.deepEqual(
      facts.problems.map(({ code }) => code),
      ['ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED'],
    );
  });
});
