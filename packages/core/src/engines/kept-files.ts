import type { FileMark, StateFile, StateFolder } from './state-folder.ts';

interface Kept<T> {
  readonly mark: FileMark;
  readonly value: T;
}

const mostKept = 1000;
/** What is written twice within the tick of the file system's clock looks the same: it is kept when that is over. */
const settledMs = 100;

/** What state files tell, kept as long as they are the same files, and nobody has written to them. */
export class KeptFiles<T> {
  readonly #known = new Map<string, Kept<T>>();

  /** {@link StateFolder.readJson}, as `parse` understands it; what is no usable file is looked at again each time. */
  read(folder: StateFolder, relative: string, parse: (file: StateFile) => T): T {
    const mark = folder.fileMark(relative);
    const path = `${folder.root}/${relative}`;
    const known = this.#known.get(path);
    if (mark !== undefined && known !== undefined && isSame(mark, known.mark)) return known.value;
    this.#known.delete(path);
    const file = folder.readJson(relative);
    const value = parse(file);
    if (mark !== undefined && file.kind === 'read' && Date.now() - mark.changedMs > settledMs) {
      if (this.#known.size === mostKept) this.#known.clear();
      this.#known.set(path, { mark, value });
    }
    return value;
  }
}

function isSame(a: FileMark, b: FileMark): boolean {
  return (
    a.inode === b.inode &&
    a.device === b.device &&
    a.size === b.size &&
    a.writtenMs === b.writtenMs &&
    a.changedMs === b.changedMs
  );
}
