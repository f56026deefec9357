import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { LocalRunError } from './error.ts';

/** The project's folder. */
export const root = join(import.meta.dirname, '..');
/** Where engines are fetched to; nothing of it belongs to the project. */
export const engines = join(root, '.engines');

/** Fetches what is missing into a folder, whole or not at all. @returns the folder */
export async function fetched(folder: string, fetch: (into: string) => Promise<unknown>, say: (what: string) => void = console.log): Promise<string> {
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  say(`Fetching ${folder.slice(root.length + 1)}…`);
  await fetch(partial);
  await rename(partial, folder);
  return folder;
}

/**
 * Copies the libraries that a POM names into a folder.
 *
 * @throws LocalRunError when Maven is missing, or cannot fetch them
 */
export async function copyDependencies(pom: string, into: string): Promise<void> {
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
  try {
    await promisify(execFile)('mvn', ['-B', '-ntp', '-q', '-f', pom, goal, '-DincludeScope=runtime', `-DoutputDirectory=${into}`]);
  } catch (error) {
    const { code, stdout, message } = error as { code?: unknown; stdout?: string; message: string };
    if (code === 'ENOENT') throw new LocalRunError('Maven (mvn) is missing, which fetches the libraries. Install it (apt install maven, brew install maven) and try again.');
    throw new LocalRunError(`Maven could not fetch the libraries of ${pom}:\n${stdout || message}`);
  }
}
