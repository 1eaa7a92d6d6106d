import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { SilostatError } from '../../errors.ts';
import { PIPE_ACCESS_INBOUND, PIPE_ACCESS_OUTBOUND } from '../abi/pipe.ts';
import type { Handle } from '../call/handle.ts';
import { closeHandle } from '../call/handle.ts';
import { clientOfPipe, createPipe } from '../call/stdio.ts';
import { win32Error } from '../errors.ts';

/** A pipe between a handle of ours and a stream of Node. */
export interface NodePipe {
  /** The end that is not Node's; its owner closes it. */
  readonly handle: Handle;
  readonly socket: Socket;
}

export interface NodePipeOptions {
  /** Who writes. */
  readonly writer: 'node' | 'handle';
  /** A process that is started may have the handle. */
  readonly inherit?: boolean;
  /** The handle is for overlapped input and output. */
  readonly overlapped?: boolean;
}

const attempt = { operation: 'make', subject: 'pipe' };

/**
 * Makes a named pipe and has Node open it, which it does before `connect` returns. Between the two somebody else could have
 * opened it: whoever is at the other end is asked.
 * @throws SilostatError
 */
export function openNodePipe({ writer, inherit = false, overlapped = false }: NodePipeOptions): NodePipe {
  const path = `\\\\.\\pipe\\silostat-${process.pid}-${randomUUID()}`;
  const access = writer === 'node' ? PIPE_ACCESS_INBOUND : PIPE_ACCESS_OUTBOUND;
  const handle = createPipe({ path, access, inherit, overlapped });
  if (typeof handle !== 'number') throw win32Error(handle, attempt);
  const writable = writer === 'node';
  // A stream of one direction: the other one's end, which is there from the start, must not end it.
  const socket = connect({ path, readable: !writable, writable, allowHalfOpen: true });
  const client = clientOfPipe(handle);
  if (client === process.pid) return { handle, socket };
  socket.on('error', () => {}).destroy();
  closeHandle(handle);
  if (typeof client !== 'number') throw win32Error(client, attempt);
  const reason = `process ${client} has opened it in our place`;
  throw new SilostatError('ERR_ACCESS_DENIED', { ...attempt, reason });
}
