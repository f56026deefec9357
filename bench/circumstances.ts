import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { benchmarkPage } from './report.ts';

const root = join(import.meta.dirname, '..');
/** What the functions and their baseline are mostly made of. */
const packages = ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sns', '@aws-lambda-powertools/logger', '@aws-lambda-powertools/idempotency', 'maxmind', 'zod', 'esbuild', 'aws-cdk-lib', 'dynalite'];

const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

function system(): string {
  const file = '/etc/os-release';
  const name = existsSync(file) ? /^PRETTY_NAME="(.*)"$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return `${name === undefined ? '' : `${name}, `}${type()} ${release()}`;
}

/** The commit, and whether anything differs from it but the page that is being written; outside of a checkout nothing is known. */
function commit(): string {
  try {
    const changed = git('status', '--porcelain', '--', '.', `:(exclude)${benchmarkPage}`) !== '';
    return `${git('rev-parse', 'HEAD')}${changed ? ', with changes that are not committed' : ', unchanged'}`;
  } catch {
    return 'not in a checkout';
  }
}

/** Where and of what figures are measured: machine, versions, commit and day. */
export function circumstances(now: Date): [string, string][] {
  const versionOf = (name: string): string => (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
  return [
    ['processor', cpus()[0]?.model ?? 'unknown'],
    ['processors', String(availableParallelism())],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['system', system()],
    ['node', process.versions.node],
    ...packages.map((name): [string, string] => [name, versionOf(name)]),
    ['commit', commit()],
    ['day', now.toISOString().slice(0, 10)],
  ];
}
