import { isSilostatError } from '#core/errors.js';
import { Silo } from '#core/windows/silo.js';
import { hook, loadLabHook } from './lab.js';

/** Has the handle of a job closed under a query, and prints what each use of the job throws then. Argument: container id. */
const [, , id = ''] = process.argv;
loadLabHook();
hook().reset();
const job = Silo.open(id);
hook().closeJob({ call: 'NtOpenProcess', skip: 1, times: 1 });
for (const use of [() => job.privateWorkingSet(), () => job.memory(), () => job.close(), () => job.close()]) {
  try {
    use();
    console.log('closed');
  } catch (error) {
    console.log(isSilostatError(error) ? error.code : String(error));
  }
}
