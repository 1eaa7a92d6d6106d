/** One Wine prefix of our own: made, used and ended without a look at any other. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The server stays this long between two programs, so that not each of them has to start it; seconds. */
const serverStays = 60;

/** Where Linux paths are found under Wine. */
export function windowsPath(path) {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** What a program needs to run in the prefix; undefined is to be unset. */
export function wineEnvironment(prefix) {
  return {
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Neither .NET nor a browser, and no entries in the desktop's menus.
    WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=d',
    DISPLAY: undefined,
    WAYLAND_DISPLAY: undefined,
    // Certificates and options of this system's Node mean nothing to the one inside.
    NODE_EXTRA_CA_CERTS: undefined,
    SSL_CERT_FILE: undefined,
    SSL_CERT_DIR: undefined,
    NODE_OPTIONS: undefined,
  };
}

/**
 * Makes the prefix if it is not there or of another Wine, as Windows 10 (Node refuses the Windows 7 that is Wine 8's default), and starts its server.
 * @throws Error with what Wine said
 */
export async function setUpPrefix(prefix) {
  const version = await wineVersion();
  const ready = join(prefix, 'ready');
  if (!existsSync(ready) || readFileSync(ready, 'utf8').trim() !== version) {
    rmSync(prefix, { recursive: true, force: true });
    mkdirSync(dirname(prefix), { recursive: true });
    await runWine(prefix, ['wineboot', '-i'], 120);
    await runWine(prefix, ['winecfg', '-v', 'win10'], 60);
    writeFileSync(ready, `${version}\n`);
  }
  server(prefix, [`-p${serverStays}`]);
}

async function wineVersion() {
  try {
    const { stdout } = await run('wine', ['--version']);
    return stdout.trim();
  } catch (error) {
    throw new Error(error.code === 'ENOENT' ? 'wine is not installed' : `wine does not start: ${error.message}`);
  }
}

async function runWine(prefix, args, seconds) {
  const env = { ...process.env, ...wineEnvironment(prefix) };
  try {
    await run('wine', args, { env, timeout: seconds * 1000, killSignal: 'SIGKILL' });
  } catch (error) {
    endPrefix(prefix);
    rmSync(prefix, { recursive: true, force: true });
    throw new Error(`wine ${args.join(' ')} failed: ${error.killed ? `no end after ${seconds} s` : error.message}`);
  }
}

/** Ends everything that runs in the prefix, and only there. */
export function endPrefix(prefix) {
  server(prefix, ['-k']);
  server(prefix, ['-w']);
}

function server(prefix, args) {
  const env = { ...process.env, ...wineEnvironment(prefix) };
  spawnSync('wineserver', args, { env, stdio: 'ignore', timeout: 30_000 });
}
