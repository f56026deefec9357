import { estimate, sumsBy } from '../bin/cost/estimate.ts';
import { mibOfProcessor, waits } from '../bin/cost/measured.ts';
import { type Item, prices, pricesOf } from '../bin/cost/prices.ts';
import { domestic, promised, scenarios } from '../bin/cost/scenarios.ts';
import { billed } from '../local/aws/meter.ts';
import { aboutBaseline, withBaseline } from './baseline/run.ts';
import { type Taken, worker } from './chain.ts';
import { itemOf } from './items.ts';
import { sum } from './figures.ts';
import type { Benchmark, Section, Tools } from './report.ts';

/** Logins of the baseline that are counted, and those that go ahead, so that every function has started and is compiled. */
const logins = 500;
const ahead = 500;

/** Memory of the baseline's functions. */
const mibOfBaseline = 512;
/** What the baseline's functions wait for with each login: a publish each of publisher and ip-checker, four calls of login-logger to DynamoDB and three of password-campaign. */
const waited = 2 * waits.publishMilliseconds + 7 * waits.tableMilliseconds;

/** What 10 million logins a day cost, by the model. */
export const dollars: Benchmark = { name: 'dollars', about: 'what 10 million logins a day cost on AWS, by the model, beside the baseline', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  progress(`the baseline, ${logins} logins`);
  const baseline = await withBaseline(async (chain) => {
    const work = worker(chain, 1);
    await work(ahead);
    return work(logins);
  });
  const lines = ofBaseline(baseline);
  const all = sum(lines.map(([, amount]) => amount));
  const rows = scenarios();
  const ours = rows[0]?.dollarsPerDay ?? Number.NaN;
  const byWhat = sumsBy(estimate(domestic), ({ stage }) => stage);
  return [
    {
      title: 'Dollars a day',
      text: `What \`npm run cost\` estimates, with the prices of ${pricesOf}: ten logins in a request unless said otherwise, all services on, storage and backups of 90 days, logs, metrics, alarms and dashboards. Free tiers and taxes apart. The baseline is told in the next table.`,
      columns: ['', 'dollars a day', 'of that e-mails'],
      rows: [...rows.map(({ what, dollarsPerDay, emails }) => [what, money(dollarsPerDay), emails > 0 ? money(emails) : '']), ["the baseline's 10 million, none from abroad", money(all), '']],
      promises: [{ what: '10 million logins a day from home, us-east-1', limit: `at most $${promised} a day`, measured: money(ours), isKept: ours <= promised }],
    },
    { title: 'Dollars a day, by stage', text: '10 million logins a day from home, by who causes the cost.', columns: ['', 'dollars a day'], rows: [...byWhat].map(([stage, amount]) => [stage, money(amount)]), promises: [] },
    {
      title: "The baseline's dollars a day",
      text: `${aboutBaseline} Its requests, logs and CPU of ${logins} logins were counted, and multiplied to 10 million a day at the same prices and with the same assumed waits; what it keeps, its backups and its alarms are left out.`,
      columns: ['', 'a login', 'dollars a day'],
      rows: [...lines.map(([what, amount, each]) => [what, each, money(amount)]), ['all', '', money(all)]],
      promises: [],
    },
  ];
}

/** Dollars a day of the baseline, by what they are for, with how much of it a login takes. */
function ofBaseline({ bills, cpu, logBytes }: Taken): [what: string, dollarsPerDay: number, aLogin: string][] {
  const { loginsPerDay, region } = domestic;
  const dollarsOf = (item: Item, each: number): number => each * loginsPerDay * prices[region][item].dollars;
  const cpuSeconds = sum(cpu.values()) / logins;
  const gbSeconds = cpuSeconds * (mibOfProcessor / 1024) + (waited / 1000) * (mibOfBaseline / 1024);
  return [
    ...billed.map((what): [string, number, string] => [what, dollarsOf(itemOf[what], bills[what] / logins), (bills[what] / logins).toFixed(2)]),
    ['GB-seconds of functions', dollarsOf('lambdaGbSecond', gbSeconds), gbSeconds.toFixed(3)],
    ['bytes of their logs', dollarsOf('logGb', logBytes / logins / 1e9), (logBytes / logins).toFixed(0)],
  ];
}

const money = (amount: number): string => `$${amount.toFixed(2)}`;
