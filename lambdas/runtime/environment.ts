import type * as z from 'zod/mini';

/** A function's environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that must be set; the deployment sets it, so its absence is a mistake in the template. */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}

/** A comma-separated variable. */
export const listOf = (env: Environment, name: string): string[] => required(env, name).split(',');

/** A variable that holds JSON of a shape. */
export const jsonOf = <T>(env: Environment, name: string, schema: z.ZodMiniType<T>): T => schema.parse(JSON.parse(required(env, name)));

/**
 * Time limits of calls to AWS. The SDK's own are endless, and without `throwOnRequestTimeout` it only warns; a call that hangs must fail
 * while the function still has time to report it.
 */
export const clientDefaults = {
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  maxAttempts: 2,
} as const;
