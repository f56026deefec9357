import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listOf, readOptions, refuse } from '../bin/options.ts';
import { benchmarks } from './benchmarks.ts';
import type { Message } from './child.ts';
import { circumstances } from './circumstances.ts';
import { type Benchmark, benchmarkPage, pageOf, type Section, textOf } from './report.ts';

const aboutOf = ({ name, about, needs }: Benchmark): string => `  ${name.padEnd(14)}${about}${needs === undefined ? '' : `; needs ${needs}, so only when named`}`;
const help = `Measures what is promised of cost and speed, prints it, and writes ${benchmarkPage}. A promise that is not kept makes it fail.

npm run bench [-- options]

${benchmarks.map(aboutOf).join('\n')}

  --only NAMES   only these, comma-separated; writes nothing
  --bus kafka    the same as --only buses
  --write FILE   writes the page there
  --help         shows this
`;

/** Runs a benchmark in a process of its own. One that fails is a promise that is not kept, and the others go on. */
async function run({ name }: Benchmark): Promise<readonly Section[]> {
  const child = fork(join(import.meta.dirname, 'child.ts'), [name]);
  let sections: readonly Section[] | undefined;
  child.on('message', (message: Message) => {
    if ('sections' in message) ({ sections } = message);
    else process.stderr.write(`${name}: ${message.doing}\n`);
  });
  await once(child, 'exit');
  const failed = { what: `${name} runs to its end`, limit: '', measured: 'it failed', isKept: false };
  return sections ?? [{ title: name, text: 'It failed.', columns: [], rows: [], promises: [failed] }];
}

const { values } = readOptions(help, { only: { type: 'string' }, bus: { type: 'string', default: 'sns' }, write: { type: 'string' } });
if (values.bus !== 'sns' && values.bus !== 'kafka') refuse('--bus must be sns or kafka.');
const named = values.only !== undefined ? listOf(values.only) : undefined;
const only = values.bus === 'kafka' ? [...(named ?? []), 'buses'] : named;
for (const name of only ?? []) if (!benchmarks.some((each) => each.name === name)) refuse(`There is no benchmark ${name}.\n\n${help}`);
const chosen = benchmarks.filter(({ name, needs }) => only?.includes(name) ?? needs === undefined);

// Before anything runs: a commit made meanwhile is not what was measured.
const measuredOn = circumstances(new Date());
const sections: Section[] = [];
for (const benchmark of chosen) {
  process.stderr.write(`${benchmark.name}: ${benchmark.about}\n`);
  const found = await run(benchmark);
  for (const section of found) process.stdout.write(`${textOf(section)}\n`);
  sections.push(...found);
}
const file = values.write ?? (only ? undefined : join(import.meta.dirname, '..', benchmarkPage));
if (file !== undefined) writeFileSync(file, pageOf(sections, measuredOn));
const broken = sections.flatMap(({ promises }) => promises).filter(({ isKept }) => !isKept);
for (const { what, limit, measured } of broken) process.stderr.write(`Not kept: ${what}, ${limit}; it came to ${measured}\n`);
if (broken.length > 0) process.exitCode = 1;
