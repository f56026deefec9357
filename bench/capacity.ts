import { needs, peak, stageNeeds } from '../bin/cost/capacity.ts';
import { everyLogin } from '../bin/cost/measured.ts';
import { quotasOf } from '../bin/cost/quotas.ts';
import { cpuOf, table, withChain, worker } from './chain.ts';
import { sum } from './figures.ts';
import type { Benchmark, Promised, Section, Tools } from './report.ts';

/** As many as until the functions take no less for a login. */
const ahead = 4000;
const logins = 3000;
const perPost = 10;
/** The promises: how far a stage may be from the model, and this machine from the one of the model. */
const offAtMost = 0.3;
const fasterAtMost = 2;

/** What 15,000 logins a second take on AWS, and whether the model's times are those of the functions. */
export const capacity: Benchmark = { name: 'capacity', about: 'what 15,000 logins a second take on AWS, by the model, and its times of a login measured again', run };

async function run({ progress }: Tools): Promise<readonly Section[]> {
  progress('measuring a login at each stage');
  const measured = await cpuOfLogins();
  return [stages(), limits(), check(measured)];
}

const figure = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });
const rate = `${figure(peak.loginsPerSecond)} logins a second, ${peak.batch} in a request, ${peak.abroad * 100}% from abroad`;

function stages(): Section {
  return {
    title: '15,000 logins a second: the stages',
    text: `${rate}, by the model of the cost. A processor of Lambda is taken for as fast as the one that the model's times were measured on, a function has the share of it that its memory is of 1,769 MiB, and waits for AWS's services are assumed (\`bin/cost/measured.ts\`). Posted one by one, logins take ten times the requests.`,
    columns: ['stage', 'in a batch', 'invocations a second', 'ms each', 'at once', 'messages published a second', 'writes a second', 'reads a second'],
    rows: stageNeeds(peak).map((stage) => [
      stage.stage,
      ...[stage.batch, stage.invocationsPerSecond, stage.milliseconds, stage.concurrency, stage.publishesPerSecond, stage.writesPerSecond, stage.readsPerSecond].map(figure),
    ]),
    promises: [],
  };
}

function limits(): Section {
  const [virginia, seoul] = [needs(peak, 'us-east-1'), needs(peak, 'ap-northeast-2')];
  return {
    title: '15,000 logins a second: settings and quotas',
    text: `What is to be raised has half as much again as the need. Settings are CDK context, those of \`maxConcurrency\` in one object. Quotas of ${quotasOf} (\`bin/cost/quotas.ts\` says on which page each was read, or that it was not); notifier also takes as many e-mails a second of SES as there are logins from abroad to tell of.`,
    columns: ['', 'need', 'default in us-east-1', 'to do', 'default in Seoul', 'to do in Seoul'],
    rows: virginia.map(({ what, need, default: most, todo }, index) => [what, figure(need), figure(most), todo, figure(seoul[index]?.default ?? 0), seoul[index]?.todo ?? '']),
    promises: [],
  };
}

/** Milliseconds of CPU that each stage takes for a login, when it is warm. */
async function cpuOfLogins(): Promise<ReadonlyMap<string, number>> {
  return withChain({ table }, async (chain) => {
    const work = worker(chain, perPost);
    await work(ahead);
    const taken = await work(logins);
    return new Map(everyLogin.map(({ stage }) => [stage, (cpuOf(taken, stage) * 1000) / logins]));
  });
}

function check(measured: ReadonlyMap<string, number>): Section {
  const slower = sum(measured.values()) / sum(everyLogin.map(({ cpu }) => cpu));
  const rows = everyLogin.map(({ stage, cpu }) => ({ stage, cpu, was: measured.get(stage) ?? 0, off: (measured.get(stage) ?? 0) / (cpu * slower) - 1 }));
  const percent = (share: number): string => `${share > 0 ? '+' : ''}${Math.round(share * 100)}%`;
  const within = (what: string, limit: string, text: string, isKept: boolean): Promised => ({ what, limit, measured: text, isKept });
  return {
    title: 'The model’s times',
    text: `Milliseconds of CPU for a login from home, ${figure(logins)} logins through warm functions. How fast a processor is differs from machine to machine: all stages together took ${slower.toFixed(2)} times what the model says, and each stage is held against the model at that speed.`,
    columns: ['stage', 'model, ms', 'measured, ms', 'off'],
    rows: rows.map(({ stage, cpu, was, off }) => [stage, cpu.toFixed(2), was.toFixed(2), percent(off)]),
    promises: [
      ...rows.map(({ stage, off }) => within(`the model's time of ${stage}`, `within ${offAtMost * 100}%`, percent(off), Math.abs(off) <= offAtMost)),
      within("the model's times, all stages together", `within a factor of ${fasterAtMost}`, slower.toFixed(2), slower <= fasterAtMost && slower >= 1 / fasterAtMost),
    ],
  };
}
