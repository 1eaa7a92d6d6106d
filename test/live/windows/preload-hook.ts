/** For `node --import`: a program that is not a test file has the hook too. */
import { loadLabHook } from './lab.js';

loadLabHook();
