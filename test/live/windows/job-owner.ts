/** Owns a job container with one process, and prints its id and the process's. Argument: the id. */
import { createJobContainer } from '#core/index.js';

const [, , id = ''] = process.argv;
const job = await createJobContainer({ id });
const child = job.spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
console.log(JSON.stringify({ id: job.id, pid: child.pid }));
setInterval(() => {}, 1000);
