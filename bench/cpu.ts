import { everyLogin } from '../bin/cost/measured.ts';
import { aboutBaseline, withBaseline } from './baseline/run.ts';
import { cpuOf, table, type Taken, withChain, worker } from './chain.ts';
import { count, median, percent, sum } from './figures.ts';
import type { Benchmark, Section, Tools } from './report.ts';

/** Logins that go ahead, so that every function has started and is compiled; then those of a round. */
const sizes = { ours: { ahead: 4000, logins: 3000, perPost: 10 }, baseline: { ahead: 1000, logins: 800, perPost: 1 } };
const rounds = 3;
/** The promise: at most this share of the baseline's. */
const promised = 1 / 3;

/** CPU of the functions for logins from home, both sides in turns. */
export const cpu: Benchmark = { name: 'cpu', about: 'CPU of the functions by stage, beside the baseline', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const [ours, baseline] = await withChain({ table }, (us) =>
    withBaseline(async (them) => {
      const [oursDo, theirsDo] = [worker(us, sizes.ours.perPost), worker(them, sizes.baseline.perPost)];
      progress('all functions start');
      await oursDo(sizes.ours.ahead);
      await theirsDo(sizes.baseline.ahead);
      const measured: [Taken[], Taken[]] = [[], []];
      for (let round = 1; round <= rounds; round += 1) {
        progress(`round ${round} of ${rounds}`);
        measured[0].push(await oursDo(sizes.ours.logins));
        measured[1].push(await theirsDo(sizes.baseline.logins));
      }
      return measured;
    }),
  );
  const stages = everyLogin.map(({ stage }) => ({
    stage,
    ours: median(ours.map((each) => cpuOf(each, stage) / sizes.ours.logins)) * 1000,
    baseline: median(baseline.map((each) => cpuOf(each, stage) / sizes.baseline.logins)) * 1000,
  }));
  const all = { stage: 'all', ours: sum(stages.map((each) => each.ours)), baseline: sum(stages.map((each) => each.baseline)) };
  const share = all.ours / all.baseline;
  return [
    {
      title: 'CPU of the functions',
      text: `CPU-seconds of the functions for 1,000 logins from home (milliseconds for one), without their starts; the median of ${rounds} rounds, both sides in turns: ${count(sizes.ours.logins)} logins of ours, ${sizes.ours.perPost} in a request, and ${count(sizes.baseline.logins)} of the baseline. ${aboutBaseline}`,
      columns: ['stage', 'ours', 'baseline', 'share'],
      rows: [...stages, all].map((each) => [each.stage, each.ours.toFixed(2), each.baseline.toFixed(2), percent(each.ours / each.baseline)]),
      promises: [
        { what: "CPU of the functions for a login from home, beside the baseline's", limit: 'at most a third', measured: percent(share), isKept: share <= promised },
      ],
    },
  ];
}
