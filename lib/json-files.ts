import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod/mini';
import '../lambdas/contracts/english.ts';
import { visible } from './visible.ts';

/** What is wrong with a file, or may be: where, and what to do. */
export interface CatalogFinding {
  readonly file: string;
  /** JSON pointer into the file: `/eventTypes/0`. */
  readonly field: string;
  readonly problem: string;
}

/** A file that is what its schema says. */
export interface ReadFile<T> {
  readonly file: string;
  readonly value: T;
}

/** Bad files; its message says which, and what is wrong. */
export class CatalogError extends Error {}

/**
 * Reads the JSON files of a folder, in the order of their names. A folder that does not exist holds none.
 *
 * @param errors gets what is wrong; such a file is left out
 */
export function readFiles<T>(folder: string, schema: z.ZodMiniType<T>, errors: CatalogFinding[]): ReadFile<T>[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted();
  return files.flatMap((name) => {
    const file = join(folder, name);
    let json: unknown;
    try {
      json = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      errors.push({ file, field: '', problem: `is not JSON: ${(error as Error).message}` });
      return [];
    }
    const { data, error } = schema.safeParse(json);
    if (data !== undefined) return [{ file, value: data }];
    for (const issue of error?.issues ?? []) {
      const pointer = (path: readonly PropertyKey[]) => path.map((part) => `/${String(part)}`).join('');
      if (issue.code === 'unrecognized_keys') for (const key of issue.keys) errors.push({ file, field: pointer([...issue.path, key]), problem: 'is not a field of this file' });
      else errors.push({ file, field: pointer(issue.path), problem: issue.message });
    }
    return [];
  });
}

/** Findings as lines: `subscriptions/x.json: /endpoint: must begin with https://`. */
export const linesOf = (findings: readonly CatalogFinding[]): string[] =>
  findings.map(({ file, field, problem }) => visible(`${file}: ${field === '' ? '' : `${field}: `}${problem}`));

/** @throws CatalogError that names each bad file and field, when there is one */
export function refuseBadFiles(what: string, errors: readonly CatalogFinding[]): void {
  if (errors.length > 0) throw new CatalogError(`The ${what} cannot be deployed:\n${linesOf(errors).map((line) => `  ${line}`).join('\n')}`);
}
