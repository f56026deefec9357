import { execFile } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { bundle } from '../lib/bundles.ts';
import { npmGeoDatabase } from '../lib/settings.ts';
import { median, percent } from './figures.ts';
import type { Benchmark, Section, Tools } from './report.ts';

const rounds = 15;
/** The promise: at most this share of what the function is held against. */
const promised = 0.5;
const root = join(import.meta.dirname, '..');

/** What it takes a fresh process to import a bundle, and how large it is. */
export const imports: Benchmark = { name: 'imports', about: 'cold import of every bundle, beside the baseline and default settings', run: measure };

/** The baseline's functions, by ours of the same stage. */
const stages: Readonly<Record<string, string>> = {
  'publisher-api': 'baseline: publisher',
  'ip-checker-consumer': 'baseline: ip-checker',
  'login-logger-consumer': 'baseline: login-logger',
  'password-campaign-consumer': 'baseline: password-campaign',
  // It has no client of AWS that settings could slim, so it stands beside the lightest.
  'canary-schedule': 'baseline: ip-checker',
};

/** What is imported of a function, in this order. */
const kinds = ['baseline', 'ours', 'defaults', 'sdk'] as const;
type Kind = (typeof kinds)[number];

/** One function, in the files that are imported. */
interface Subject {
  readonly name: string;
  readonly ours?: string;
  readonly defaults: string;
  /** The clients of AWS that it imports; nothing when there are none. */
  readonly sdk?: string | undefined;
  /** The baseline's function of the same stage. */
  readonly baseline?: string | undefined;
}

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-bench-imports-'));
  try {
    progress('bundling');
    // What a bundle leaves out, Lambda's runtime has as packages in a folder; here the project's own stand in for those.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const baseline = await baselineFunctions(folder);
    const ours = (await ourFunctions(folder)).map((each) => ({ ...each, baseline: baseline.find(({ name }) => stages[each.name] === name)?.defaults }));
    const subjects: Subject[] = [...ours, ...baseline];
    const times = new Map(subjects.map(({ name }) => [name, new Map<Kind, number[]>()]));
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      for (const subject of subjects) {
        // One right after the other, so that they are compared in the same circumstances.
        for (const kind of kinds) {
          const [file, of] = [subject[kind], times.get(subject.name)];
          if (file !== undefined) of?.set(kind, [...(of.get(kind) ?? []), await importTime(file)]);
        }
      }
    }
    return [await sectionOf(subjects, times)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sectionOf(subjects: readonly Subject[], times: ReadonlyMap<string, ReadonlyMap<Kind, readonly number[]>>): Promise<Section> {
  const timesOf = ({ name }: Subject, kind: Kind): readonly number[] => times.get(name)?.get(kind) ?? [];
  const share = (subject: Subject, kind: Kind): number => median(timesOf(subject, 'ours').map((time, round) => time / (timesOf(subject, kind)[round] ?? Number.NaN)));
  const rows = await Promise.all(
    subjects.map(async (subject) => {
      const { name, ours, defaults } = subject;
      const size = `${((await stat(ours ?? defaults)).size / 1000).toFixed(0)} kB`;
      const beside = (kind: Kind): string[] => (ours === undefined || subject[kind] === undefined ? ['', ''] : [median(timesOf(subject, kind)).toFixed(0), percent(share(subject, kind))]);
      return [name, size, median(timesOf(subject, ours === undefined ? 'defaults' : 'ours')).toFixed(0), ...beside('sdk'), ...beside('defaults'), ...beside('baseline')];
    }),
  );
  const worst = subjects
    .flatMap((subject) => (subject.ours === undefined ? [] : [{ name: subject.name, share: share(subject, subject.baseline === undefined ? 'defaults' : 'baseline') }]))
    .reduce((a, b) => (b.share > a.share ? b : a));
  return {
    title: 'Cold imports',
    text: `Milliseconds of CPU that a fresh process takes to import a function, the median of ${rounds} rounds, and the size of its file. A share is the median of those of the rounds, in each of which both were imported right after each other. "SDK" is no more than an import of the clients of AWS that the function uses; "defaults" is the same entry point bundled as \`NodejsFunction\` does when it is told nothing: not minified, CommonJS, \`main\` first, the SDK left to Lambda's runtime, which has it as packages in a folder. That is only a matter of settings: what our source does to be small (zod/mini, schemas that are made when they are needed) is in both. What lies beside a bundle and is imported late is left out of both: Kafka, what parks failed records, what checks JSON Schemas. "baseline" is the baseline's own function of the same stage, which does less; those stand at the end, and unlike ours they make their clients at import. The promise holds a function against the baseline's own; where the baseline has none, against the default settings. The canary, which has no client of AWS that settings could slim, stands beside the lightest of the baseline's functions.`,
    columns: ['function', 'size', 'ms', 'SDK, ms', 'share', 'defaults, ms', 'share', 'baseline, ms', 'share'],
    rows,
    promises: [{ what: "cold import of a bundle, beside the baseline's", limit: `at most ${percent(promised)}`, measured: `${percent(worst.share)} at worst (${worst.name})`, isKept: worst.share <= promised }],
  };
}

async function ourFunctions(folder: string): Promise<Subject[]> {
  const metafile = await bundle(join(folder, 'ours'), npmGeoDatabase(), [], []);
  const functions = Object.entries(metafile.outputs).flatMap(([file, output]) =>
    basename(file) === 'index.js' && output.entryPoint !== undefined ? [{ name: basename(dirname(file)), entry: join(root, output.entryPoint), clients: clientsIn(output) }] : [],
  );
  await bundleByDefault(functions, join(folder, 'defaults'));
  return Promise.all(
    functions.map(async ({ name, clients }) => {
      const sdk = join(folder, `sdk-${name}.mjs`);
      await writeFile(sdk, clients.map((client) => `import '${client}';\n`).join(''));
      return { name, ours: join(folder, 'ours', name, 'index.js'), defaults: join(folder, 'defaults', name, 'index.js'), sdk: clients.length > 0 ? sdk : undefined };
    }),
  );
}

/** The packages of AWS's SDK with a client in a bundle. */
const clientsIn = ({ inputs }: Metafile['outputs'][string]): string[] => [
  ...new Set(Object.keys(inputs).flatMap((file) => /node_modules\/(@aws-sdk\/(?:client|lib)-[^/]+)\//.exec(file)?.[1] ?? [])),
];

async function baselineFunctions(folder: string): Promise<Subject[]> {
  const source = join(import.meta.dirname, 'baseline', 'functions');
  const names = (await readdir(source)).map((file) => basename(file, '.ts')).filter((name) => name !== 'login');
  await bundleByDefault(names.map((name) => ({ name: `baseline-${name}`, entry: join(source, `${name}.ts`) })), join(folder, 'defaults'));
  return names.map((name) => ({ name: `baseline: ${name}`, defaults: join(folder, 'defaults', `baseline-${name}`, 'index.js') }));
}

/** Bundles as `NodejsFunction` does when nothing is said: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html */
async function bundleByDefault(functions: readonly { readonly name: string; readonly entry: string }[], outdir: string): Promise<void> {
  await build({
    entryPoints: functions.map(({ name, entry }) => ({ in: entry, out: join(name, 'index') })),
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['@aws-sdk/*', '@smithy/*'],
    // What is imported late is left out, as of ours.
    plugins: [{ name: 'late', setup: ({ onResolve }) => onResolve({ filter: /\.ts$/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)) }],
    // It knows no `import.meta`, which ours read when they are called.
    logLevel: 'error',
  });
}

const run = promisify(execFile);

/** Milliseconds of CPU of an import in a fresh process: time on the clock depends on what else the machine does. */
async function importTime(file: string): Promise<number> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'import-one.mjs'), file]);
  return Number(stdout);
}
