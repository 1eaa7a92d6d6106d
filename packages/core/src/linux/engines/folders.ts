import { StateFolder } from '../state-folder.ts';

/** Where the container engines of a host keep what they know. */
export interface EngineFolders {
  /** `/run`: what runs now. */
  readonly run: StateFolder;
  /** `/var/lib/docker`: Docker's containers. */
  readonly docker: StateFolder;
  /** `/var/lib/containers/storage`: those of Podman and CRI-O. */
  readonly storage: StateFolder;
}

/** @param root stands before each folder: where the host's files are mounted, or a recorded tree. */
export function engineFolders(root = ''): EngineFolders {
  return {
    run: new StateFolder(`${root}/run`),
    docker: new StateFolder(`${root}/var/lib/docker`),
    storage: new StateFolder(`${root}/var/lib/containers/storage`),
  };
}
