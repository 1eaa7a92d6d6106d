import type { Socket } from 'node:net';
import { cancelWait, closeAtExit } from '../call/child.ts';
import type { Handle } from '../call/handle.ts';
import { closeHandle } from '../call/handle.ts';
import { win32Error } from '../errors.ts';
import { openNodePipe } from './node-pipe.ts';

/**
 * Tells that a process has ended: a pipe whose one end Windows closes then, while Node waits for the end of the other, as for
 * that of any stream. So nothing polls, no thread of ours waits, and Node stays alive as long as it listens.
 */
export class ExitNotice {
  readonly #socket: Socket;

  /** @throws SilostatError; then nothing is left open. */
  constructor(process: Handle, pid: number, ended: () => void) {
    const { handle, socket } = openNodePipe({ writer: 'handle' });
    const wait = closeAtExit(process, handle);
    if (typeof wait !== 'number') {
      socket.destroy();
      closeHandle(handle);
      throw win32Error(wait, { operation: 'wait for', subject: `process ${pid}` });
    }
    this.#socket = socket;
    // A pipe that breaks has ended too.
    socket.on('error', () => {});
    socket.on('close', () => {
      cancelWait(wait);
      ended();
    });
    socket.resume();
  }

  /** Node stays alive until the process has ended. */
  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}
