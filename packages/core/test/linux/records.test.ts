import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StateFile, StateFolder } from '../../dist/engines/state-folder.js';
import type { EngineFolders } from '../../dist/linux/containers/engines/folders.js';
import { engineFolders } from '../../dist/linux/containers/engines/folders.js';
import { EngineRecords } from '../../dist/linux/containers/engines/records.js';
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

  it('that we may not read tell nothing', () => {
    const denied: StateFile = { kind: 'unusable', reason: { code: 'ERR_ACCESS_DENIED', message: 'EACCES' } };
    const folder = { readJson: () => denied, foldersIn: () => ['k8s.io'] } as unknown as StateFolder;
    const folders: EngineFolders = { root: '', run: folder, docker: folder, storage: folder };
    const facts = new EngineRecords(folders, hierarchies).factsOf({ role: 'container', id, owner: '' });
    assert.equal(facts.owner, '');
    assert.deepEqual(
      facts.problems.map(({ code }) => code),
      ['ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED'],
    );
  });
});
