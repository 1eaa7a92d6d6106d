import { constants } from 'node:os';

/** The exit codes of the command line. */
export const exitCode = {
  success: 0,
  /** A subject failed: not found, denied, gone. */
  failure: 1,
  /** Wrong usage or an invalid argument. */
  usage: 2,
  /** `run`: our own failure, wrong usage included. */
  runFailure: 125,
  /** `run`: the command is there but cannot be executed. */
  notExecutable: 126,
  /** `run`: there is no such command. */
  commandNotFound: 127,
} as const;

/** 128 + n for signal n, as shells do. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
