import { estimate, totalOf, type Volume } from './estimate.ts';
import { originalServers } from './original.ts';
import type { Region } from './prices.ts';

/** The promise, in dollars a day: 10 million logins from home in us-east-1, after 90 days, all services on. */
export const promised = 24;

/** The volume of the promise. */
export const domestic: Volume = { loginsPerDay: 10_000_000, abroad: 0, batch: 10, accessChecksPerDay: 0, region: 'us-east-1', bus: 'sns' };

/** A cost that is told beside the promised one. */
export interface Scenario {
  readonly what: string;
  /** Nothing for what is no volume of ours. */
  readonly volume?: Volume;
  readonly dollarsPerDay: number;
  /** Of that, what SES takes for e-mails. */
  readonly emails: number;
}

const millionChecks = 1_000_000;

/** The figures of one page: the promised volume, and each thing that changes its cost. */
export function scenarios(): readonly Scenario[] {
  const scenario = (what: string, change: Partial<Volume>): Scenario => {
    const volume = { ...domestic, ...change };
    const lines = estimate(volume);
    return { what, volume, dollarsPerDay: totalOf(lines), emails: totalOf(lines.filter(({ item }) => item === 'email')) };
  };
  const base = scenario('10 million logins, none from abroad', {});
  const checked = scenario('a million access checks', { accessChecksPerDay: millionChecks });
  return [
    base,
    scenario('the same, a hundred in a request', { batch: 100 }),
    scenario('the same, posted one by one', { batch: 1 }),
    scenario('5% from abroad, each told by an e-mail', { abroad: 0.05 }),
    { ...checked, dollarsPerDay: checked.dollarsPerDay - base.dollarsPerDay },
    scenario('in Seoul', { region: 'ap-northeast-2' }),
    scenario('on Kafka', { bus: 'kafka' }),
    scenario('idle', { loginsPerDay: 0 }),
    scenario('idle on Kafka', { loginsPerDay: 0, bus: 'kafka' }),
    ...(['us-east-1', 'ap-northeast-2'] as const).map(serversOf),
  ];
}

function serversOf(region: Region): Scenario {
  const { what, vcpu, gib, dollarsPerDay } = originalServers(region);
  return { what: `the original's ${vcpu} vCPU and ${gib} GB on demand: ${what}, ${region}, without disks`, dollarsPerDay, emails: 0 };
}
