/** The Windows lab, set up once for all suites that need it: node.exe under Wine, or this Node on Windows itself. */
import { setUpWindowsLab, setUpWineLab } from '../../test/windows/lab.mjs';

/** @type {Promise<import('../../test/windows/lab.mjs').Lab> | undefined} */
let lab;

/** @param {{ root: string }} context @param {20 | 22} major of node.exe under Wine @param {{ hook?: boolean }} [options] */
export async function windowsRuntime({ root }, major, options) {
  lab ??= process.platform === 'win32' ? setUpWindowsLab({ root }) : setUpWineLab({ root });
  return (await lab).runtime(major, options);
}

/** Ends what is left in the lab, if there was one. */
export async function closeWindowsLab() {
  const made = await lab?.catch(() => undefined);
  made?.close();
}
