import { malformed } from './malformed.ts';

/**
 * /proc/PID/cgroup: lines `ID:CONTROLLERS:PATH`. By controller (`memory`, `name=systemd`), v2 by the empty name.
 * @throws SilostatError ERR_PARSE
 */
export function parseProcCgroup(bytes: Uint8Array, length: number, file: string): Map<string, string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    // A path may contain colons: containerd's systemd driver makes such.
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (match === null) throw malformed(file, `the line ${JSON.stringify(line.slice(0, 200))}`);
    const [, controllers = '', path = ''] = match;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  return paths;
}
