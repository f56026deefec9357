import { estimate } from '../bin/cost/estimate.ts';
import { domestic } from '../bin/cost/scenarios.ts';
import { billed } from '../local/aws/meter.ts';
import { aboutBaseline, withBaseline } from './baseline/run.ts';
import { loginsOf, steadily, table, type Taken, taken, withChain, worker } from './chain.ts';
import { count, sum } from './figures.ts';
import { itemOf } from './items.ts';
import type { Benchmark, Section, Tools } from './report.ts';

/** 10 million logins a day, ten in a request, evenly: 116 a second. */
const { loginsPerDay, batch: perPost } = domestic;
const perSecond = Math.round(loginsPerDay / 86_400);
const logins = 20 * perSecond;
/** Without batches each login takes the same, so few will do. */
const loginsOfBaseline = 300;
/** The promise: at most so many billed requests for a login from home that was posted with nine others. */
const promised = 3.5;

/** Billed AWS requests of a login from home, as the local AWS counts them. */
export const requests: Benchmark = { name: 'requests', about: 'billed AWS requests of a login from home, beside the baseline', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  progress(`${logins} logins, ${perPost} in a request, ${perSecond} a second`);
  const ours = await withChain({ table }, (chain) => taken(chain, () => steadily(logins, perPost, perSecond, loginsOf(chain))));
  progress(`the baseline, ${loginsOfBaseline} logins`);
  const baseline = await withBaseline((chain) => worker(chain, 1)(loginsOfBaseline));
  // No batch fills on AWS as here, where one poller feeds a queue: the model has five.
  const modelled = modelledRequests();
  const perLogin = [
    billed.map((what) => ours.bills[what] / logins),
    modelled,
    billed.map((what) => baseline.bills[what] / loginsOfBaseline),
  ];
  const [counted = Number.NaN, byModel = Number.NaN, ofBaseline = Number.NaN] = perLogin.map(sum);
  const keeps = (what: string, measured: number) => ({ what, limit: `at most ${promised}`, measured: measured.toFixed(2), isKept: measured <= promised });
  return [
    {
      title: 'Billed requests',
      text: `Billed AWS requests of a login from home, empty polls apart, all services on. Counted by the local AWS: ${count(logins)} logins, ${perPost} in a request, ${perSecond} a second, which is ${(loginsPerDay / 1e6).toFixed(0)} million a day. Batches filled to ${fills(ours)}. By the model (\`bin/cost/\`): the same with the five pollers of Lambda, which share what comes, so that batches fill less. ${aboutBaseline} It takes ${(ofBaseline / counted).toFixed(1)} times as many.`,
      columns: ['', 'counted', 'by the model', 'baseline'],
      rows: [...billed.map((what, index) => [what, ...perLogin.map((side) => (side[index] ?? 0).toFixed(2))]), ['all', ...[counted, byModel, ofBaseline].map((all) => all.toFixed(2))]],
      promises: [keeps('billed requests of a login from home, counted', counted), keeps('the same by the model, as batches fill on AWS', byModel)],
    },
  ];
}

/** How many logins each consumer got in a call. */
const fills = ({ calls }: Taken): string =>
  [...calls]
    .filter(([name, count]) => count > 0 && name.endsWith('-consumer'))
    .map(([name, count]) => `${(logins / count).toFixed(0)} (${name.replace(/^loginward-local-|-consumer$/g, '')})`)
    .join(', ');

/** Requests of a login by the model, without what comes whatever is posted. */
function modelledRequests(): number[] {
  const lines = estimate(domestic).filter(({ stage }) => stage !== 'deployment');
  return billed.map((what) => sum(lines.filter(({ item }) => item === itemOf[what]).map(({ unitsPerDay }) => unitsPerDay)) / loginsPerDay);
}
