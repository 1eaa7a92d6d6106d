/** Something that Node's exit would wait for, and how to end without waiting. */
interface Hindrance {
  isThere(): boolean;
  endProcess(code: number): void;
}

let hindrance: Hindrance | undefined;

/** Registers what may stand in the way of an exit; the system that is loaded does. */
export function mayHinderExit(what: Hindrance): void {
  hindrance = what;
}

/** True while a native call is under way that may hang: the program does not end before it returns, unless by `exitProcess`. */
export function isExitHindered(): boolean {
  return hindrance?.isThere() === true;
}

/**
 * Ends this program at once with an exit code. Node's own exit waits for native calls that are under way, `process.exit()`
 * included, and a call of the Host Compute Service may hang for ever: then Windows is asked to terminate us, nothing is flushed
 * and no `exit` listener runs. Else it is `process.exit(code)`.
 */
export function exitProcess(code: number): never {
  if (isExitHindered()) hindrance?.endProcess(code);
  process.exit(code);
}
