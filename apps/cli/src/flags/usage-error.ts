/** The command was called in a way that cannot work. Its exit status is 2, and nothing was sent. */
export class UsageError extends Error {}
