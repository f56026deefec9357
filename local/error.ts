/** What can be said to whoever started it, without a stack. */
export class LocalRunError extends Error {}

