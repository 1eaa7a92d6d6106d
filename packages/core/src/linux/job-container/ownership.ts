import { statSync } from 'node:fs';
import { SilostatError } from '../../errors.ts';
import { LockFile } from './lock-file.ts';
import { Watcher } from './watcher.ts';

/** That a job container is ours, and that nothing of it outlives us: its lock file and its watcher. */
export class Ownership {
  readonly watcher: Watcher;
  readonly #lock: LockFile;

  private constructor(lock: LockFile, watcher: Watcher) {
    this.#lock = lock;
    this.watcher = watcher;
  }

  /**
   * @param launcher what starts the watcher; absent: it is where we are
   * @throws SilostatError ERR_ALREADY_EXISTS
   */
  static take(id: string, launcher?: readonly string[]): Ownership {
    const lock = LockFile.take(id);
    if (lock === undefined) throw alreadyExists(id, 'there is one of this id; choose another');
    try {
      if (lock.remaining.length > 0) {
        throw alreadyExists(
          id,
          'one of this id was left behind by a silostat that was killed; "silostat clean" removes it',
        );
      }
      lock.forget();
      const watcher = new Watcher(id, launcher);
      watcher.file(lock.path);
      return new Ownership(lock, watcher);
    } catch (error) {
      if (lock.remaining.length > 0) lock.letGo();
      else lock.remove();
      throw error;
    }
  }

  /** A cgroup has been made. */
  made(directory: string): void {
    this.#lock.add(directory);
    this.watcher.directory(directory, statSync(directory, { bigint: true }).ino.toString());
  }

  /** The job is over; what of it could not be removed is left to the watcher. */
  async release(): Promise<void> {
    const isDone = this.#lock.remaining.length === 0;
    await this.watcher.end(isDone);
    if (this.#lock.remaining.length === 0) this.#lock.remove();
    else this.#lock.letGo();
  }
}

function alreadyExists(id: string, reason: string): SilostatError {
  return new SilostatError('ERR_ALREADY_EXISTS', { subject: id, operation: 'create job container', reason });
}
