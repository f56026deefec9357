import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, required } from './environment.ts';

/** Path of a file that lies beside the function's bundle, by the variable that names it. */
export const pathBeside = (env: Environment, variable: string): string => join(import.meta.dirname, required(env, variable));

/** What a JSON file beside the bundle holds; it was checked before it was deployed. */
export const jsonBeside = async <T>(env: Environment, variable: string): Promise<T> => JSON.parse(await readFile(pathBeside(env, variable), 'utf8')) as T;
