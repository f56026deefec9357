import { daysPerMonth, estimate, type Line, serviceOf, sumsBy, totalOf, type Volume } from './cost/estimate.ts';
import { items, prices, pricesOf, type Region } from './cost/prices.ts';
import { scenarios } from './cost/scenarios.ts';
import { readOptions, refuse } from './options.ts';
import { tableOf } from './table.ts';

const help = `Estimates what a volume of logins costs on AWS, in dollars a day and a month.

npm run cost -- --logins-per-day 10000000 [options]
npm run cost -- --compare       10 million logins a day beside other ways and places, and the original's servers

  --logins-per-day N         logins that are posted
  --abroad 0.05              share of them from abroad, each told by one e-mail
  --batch 10                 logins in a request, 1 to 100
  --access-checks-per-day 0  requests of access checks
  --region us-east-1         or ap-northeast-2
  --bus sns                  or kafka, on a cluster of MSK of its own
  --json                     every line as JSON
  --help                     shows this

Requests are those that npm run bench counts; storage is that after 90 days. Not in it: SMS, whose price is the country's; data transfer; subscriptions of
endpoints ($1 a month each when idle); free tiers; support and taxes.
`;

const { values } = readOptions(help, {
  'logins-per-day': { type: 'string' },
  abroad: { type: 'string', default: '0.05' },
  batch: { type: 'string', default: '10' },
  'access-checks-per-day': { type: 'string', default: '0' },
  region: { type: 'string', default: 'us-east-1' },
  bus: { type: 'string', default: 'sns' },
  json: { type: 'boolean', default: false },
  compare: { type: 'boolean', default: false },
});

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
if (values.compare) {
  const rows = scenarios().map(({ what, dollarsPerDay, emails }) => [what, dollars(dollarsPerDay - emails), emails > 0 ? dollars(emails) : '', dollars(dollarsPerDay * daysPerMonth)]);
  process.stdout.write(`${tableOf(['', 'a day', 'and e-mails', 'a month in all'], rows).join('\n')}\n\nPrices of ${pricesOf}; us-east-1, SNS, ten logins in a request where nothing else is said.\n`);
  process.exit(0);
}

/** The number of an option. */
function numberOf(name: 'logins-per-day' | 'abroad' | 'batch' | 'access-checks-per-day', least: number, most: number): number {
  const text = values[name] ?? refuse(`--${name} is missing.\n\n${help}`);
  const number = Number(text.replaceAll('_', ''));
  return text !== '' && number >= least && number <= most ? number : refuse(`--${name} must be a number from ${least} to ${most}.`);
}

const isRegion = (text: string): text is Region => text in prices;
const volume: Volume = {
  loginsPerDay: numberOf('logins-per-day', 0, 1e12),
  abroad: numberOf('abroad', 0, 1),
  batch: numberOf('batch', 1, 100),
  accessChecksPerDay: numberOf('access-checks-per-day', 0, 1e12),
  region: isRegion(values.region) ? values.region : refuse(`--region must be one of ${Object.keys(prices).join(', ')}.`),
  bus: values.bus === 'sns' || values.bus === 'kafka' ? values.bus : refuse('--bus must be sns or kafka.'),
};

const byDollars = (a: Line, b: Line): number => b.dollarsPerDay - a.dollarsPerDay;
/** How many lines are the largest. */
const largest = 8;

function tell(lines: readonly Line[]): string {
  const told: string[] = [];
  const say = (line: string): void => void told.push(`${line}\n`);
  const total = totalOf(lines);
  const emails = totalOf(lines.filter(({ item }) => item === 'email'));
  const sums = (title: string, of: Map<string, number>): void => {
    const rows = [...of, ...(emails > 0 ? [['all but e-mails', total - emails] as const] : []), ['all', total] as const].map(([name, perDay]) => [name, dollars(perDay), dollars(perDay * daysPerMonth)]);
    for (const line of tableOf([title, 'a day', 'a month'], rows)) say(line);
    say('');
  };
  const checks = volume.accessChecksPerDay > 0 ? `, ${volume.accessChecksPerDay.toLocaleString('en')} access checks` : '';
  say(`${volume.loginsPerDay.toLocaleString('en')} logins a day${checks}, ${volume.abroad * 100}% from abroad, ${volume.batch} in a request; ${volume.region}, bus=${volume.bus}\n`);
  sums('service of AWS', sumsBy(lines, serviceOf));
  sums('stage', sumsBy(lines, ({ stage }) => stage));
  const rows = lines.toSorted(byDollars).slice(0, largest).map(({ stage, item, unitsPerDay, dollarsPerDay }) => [
    `${items[item].service}: ${items[item].what}`,
    stage,
    unitsPerDay >= 100 ? Math.round(unitsPerDay).toLocaleString('en') : unitsPerDay.toFixed(2),
    dollars(dollarsPerDay),
    `${Math.round((100 * dollarsPerDay) / total)}%`,
  ]);
  for (const line of tableOf(['largest lines', 'stage', 'units a day', 'a day', 'share'], rows)) say(line);
  say(`\nPrices of ${pricesOf} (bin/cost/prices.ts says where each was read); without SMS, data transfer, subscriptions, free tiers and taxes.`);
  return told.join('');
}

const lines = estimate(volume);
if (values.json) process.stdout.write(`${JSON.stringify({ volume, pricesOf, dollarsPerDay: totalOf(lines), dollarsPerMonth: totalOf(lines) * daysPerMonth, lines }, undefined, 2)}\n`);
else process.stdout.write(tell(lines));
