import { createContext, Script } from 'node:vm';

/**
 * Does something that others wrote the rules of, such as a regular expression, which may try for ever.
 *
 * @returns false when it did not end in time, and was broken off
 */
export function endsWithin(milliseconds: number, work: () => void): boolean {
  const context = createContext({ work });
  try {
    new Script('work()').runInContext(context, { timeout: milliseconds });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}
