import { StateFolder } from '../../../engines/state-folder.ts';

/** Where the container engines of a host keep what they know. */
export interface EngineFolders {
  /** Stands before each folder; "" for this host's own. */
  readonly root: string;
  /** `/run`: what runs now. */
  readonly run: StateFolder;
  /** `/var/lib/docker`: Docker's containers. */
  readonly docker: StateFolder;
  /** `/var/lib/containers/storage`: those of Podman and CRI-O. */
  readonly storage: StateFolder;
}

/** @param root where the host's files are mounted, or a recorded tree. */
export function engineFolders(root = ''): EngineFolders {
  return {
    root,
    run: new StateFolder(`${root}/run`),
    docker: new StateFolder(`${root}/var/lib/docker`),
    storage: new StateFolder(`${root}/var/lib/containers/storage`),
  };
}
