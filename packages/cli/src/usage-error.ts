/** The command line itself is wrong. The message is one line that says what to do. */
export class UsageError extends Error {}
Object.defineProperty(UsageError.prototype, 'name', { value: 'UsageError', configurable: true });
