/** The command cannot do what was asked: its message is the one line on standard error, and the exit code is 2. */
export class CannotRun extends Error {}

/** What is to be said beside the result, on standard error; each once. */
export const asides = new Set<string>()
