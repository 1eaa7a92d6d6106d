import { fileURLToPath } from 'node:url';

/** The root of the checkout, without a slash at its end. Built tests lie three folders below it. */
export const checkout: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** The built command line, to be run by `node`. */
export const silostatBin: string = `${checkout}/packages/cli/bin/silostat.js`;

/** The built library, to be imported by a process of its own. */
export const libraryUrl: string = new URL('../../../packages/core/dist/index.js', import.meta.url).href;
