import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemError } from '../errors.ts';

/**
 * Reads what there is to end, a line each, and does so when the stream ends without `Q`: then silostat has died.
 * D: a cgroup, with its inode. F: a file to remove. P: the living processes of a tree, each with its start time.
 *
 * While they are frozen, processes of a cgroup can neither fork nor leave their pid to another one. In a tree each is
 * stopped before its children are looked for.
 */
const script = `
trap '' HUP INT QUIT TERM
[ "$1" = announce ] && cat /proc/self/cgroup && echo && exec >/dev/null 2>&1
nl='
'
dirs= files= tree=
while IFS= read -r line; do
  case $line in
    D*) dirs=$dirs\${line#D}$nl ;;
    F*) files=$files\${line#F}$nl ;;
    P*) tree=\${line#P} ;;
    Q) exit 0 ;;
  esac
done
set -f
still_those() {
  kept=
  paths=
  for d in $dirs; do paths=$paths\${d#* }$nl; done
  [ -n "$paths" ] && for line in $(stat -c '%i %n' $paths); do
    case $nl$dirs in *"$nl$line$nl"*) kept=$kept\${line#* }$nl ;; esac
  done
  dirs=$kept
}
each_pid() {
  while read -r pid; do kill -9 "$pid"; done < "$1/cgroup.procs"
  set +f
  for below in "$1"/*/; do [ -d "$below" ] && each_pid "\${below%/}"; done
  set -f
}
end_cgroups() {
  for d in $dirs; do
    echo 1 > "$d/cgroup.kill" || echo 1 > "$d/cgroup.freeze"
    echo FROZEN > "$d/freezer.state"
  done
  for d in $dirs; do each_pid "$d"; done
  for d in $dirs; do
    echo THAWED > "$d/freezer.state"
    echo 0 > "$d/cgroup.freeze"
  done
}
remove_cgroups() {
  left=
  for d in $dirs; do
    rmdir "$d" || find "$d" -depth -type d -exec rmdir {} \\;
    [ -d "$d" ] && left=$left$d$nl && continue
    parent=\${d%/*}
    [ -k "$parent" ] && rmdir "$parent"
  done
  dirs=$left
}
start_of() {
  read -r stat < "/proc/$1/stat" || return 1
  stat=\${stat##*) }
  [ "\${stat%% *}" = Z ] && return 1
  IFS=' '
  set -- $stat
  start=\${20}
}
end_tree() {
  IFS=' '
  living=
  for each in $tree; do
    pid=\${each%:*}
    start_of "$pid" && [ "$start" = "\${each#*:}" ] || continue
    kill -STOP "$pid"
    set +f
    for child in $(cat /proc/"$pid"/task/*/children); do
      start_of "$child" && living="$living $child:$start"
    done
    set -f
    kill -9 "$pid"
    living="$living $each"
  done
  tree=$living
}
tries=0
{
  IFS=$nl
  still_those
  while [ -n "$dirs$tree" ] && [ "$tries" -lt 1000 ]; do
    IFS=$nl
    end_cgroups
    remove_cgroups
    end_tree
    [ -n "$dirs$tree" ] && sleep 0.02
    tries=$((tries + 1))
  done
  IFS=$nl
  for f in $files; do rm -f "$f"; rmdir "\${f%/*}"; done
} 2>/dev/null
`;

/**
 * A small process outside the job that outlives us: it holds a pipe from us, and when that ends before we have said that all
 * is well, it ends and removes the job. No signal of a terminal reaches it.
 */
export class Watcher {
  readonly #child: ChildProcess;
  readonly #announcement: Promise<string>;

  /**
   * @param launcher what starts it elsewhere, and becomes it by exec
   * @throws SilostatError
   */
  constructor(id: string, launcher: readonly string[] = []) {
    const isLaunched = launcher.length > 0;
    const [program = '', ...args] = [...launcher, '/bin/sh', '-c', script, 'sh', isLaunched ? 'announce' : ''];
    const said = isLaunched ? 'pipe' : 'ignore';
    try {
      this.#child = spawn(program, args, { stdio: ['pipe', said, said], detached: true, cwd: '/', env: environment() });
    } catch (error) {
      throw systemError(error, 'watch over job container', id, '/bin/sh');
    }
    this.#announcement = isLaunched ? announcementOf(this.#child) : Promise.resolve('');
    this.#announcement.catch(() => undefined);
    // A watcher that was ended by somebody is no reason to fail: then a lock file is what tells.
    this.#child.on('error', () => undefined);
    this.#child.stdin?.on('error', () => undefined);
    // Neither keeps us from exiting: then it sets to work.
    this.#child.unref();
    (this.#child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Where a launcher has put it: its /proc/PID/cgroup.
   * @throws Error with what the launcher said, when that failed
   */
  whereabouts(): Promise<string> {
    return this.#announcement;
  }

  directory(path: string, inode: string): void {
    this.#write(`D${inode} ${path}`);
  }

  file(path: string): void {
    this.#write(`F${path}`);
  }

  /** Replaces what it was told before. */
  tree(processes: Iterable<readonly [pid: number, startTicks: string]>): void {
    this.#write(`P${[...processes].map(([pid, start]) => `${pid}:${start}`).join(' ')}`);
  }

  /** Resolves when it has gone: at once when nothing is left to do for it, else when it has done that. */
  async end(isDone: boolean): Promise<void> {
    if (isDone) this.#write('Q');
    const { exitCode, signalCode, pid, stdin } = this.#child;
    stdin?.end();
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.#child.ref();
    await once(this.#child, 'exit');
  }

  #write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }
}

/** What systemd-run finds a user's manager by, and where the programs of the script are. */
function environment(): NodeJS.ProcessEnv {
  const { XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS } = process.env;
  return { PATH: '/usr/bin:/bin', ...clean({ XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS }) };
}

function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

/** Up to the empty line. */
function announcementOf({ stdout, stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let complaint = '';
    stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      complaint += chunk;
    });
    stdout?.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('\n\n')) resolve(text);
    });
    stdout?.on('close', () => reject(new Error(complaint.trim() || 'it ended without a word')));
    stdout?.on('error', reject);
  });
}
