/** To be loaded by `--import` before a program that is to have the hook as well. */
import { loadLabHook } from './lab.js';

loadLabHook();
