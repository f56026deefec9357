import { services } from '../../lib/services.ts';
import { deployed, onKafka } from './deployed.ts';
import { accessCheck, everyLogin, keptOfLogs, logBytes, loginFromAbroad, metricsInUse, mibOfProcessor, sampled, type StageLoad, storedBytes, waitedFor, waits } from './measured.ts';
import { type Item, type Region, items, prices } from './prices.ts';

/** What the estimate is for. */
export interface Volume {
  readonly loginsPerDay: number;
  /** Share of the logins that are from abroad, 0 to 1. */
  readonly abroad: number;
  /** Logins in a request, 1 to 100. */
  readonly batch: number;
  readonly accessChecksPerDay: number;
  readonly region: Region;
  readonly bus: 'sns' | 'kafka';
}

/** So much of one thing, by one stage of the chain. */
export interface Line {
  /** A service of the chain, or `deployment` for what all share. */
  readonly stage: string;
  readonly item: Item;
  readonly unitsPerDay: number;
  readonly dollarsPerDay: number;
}

const secondsPerDay = 86_400;
/** A month of AWS's examples: 730 hours. */
export const daysPerMonth = 730 / 24;
/** Lambda reads a queue by five polls at once, of 20 seconds each while there is nothing. */
const polls = 5;
const idlePollsPerDay = (polls * secondsPerDay) / 20;
/** A batch of SQS and SNS. */
const maxEntries = 10;
/** SNS asks for a topic's data key once in five minutes for each who publishes, and KMS takes two requests for it. */
const keyRequestsPerDay = (2 * secondsPerDay) / 300;
const canaryLoginsPerDay = 1440;

/** What a volume costs, line by line. Storage is that of the steady state, 90 days after the beginning. */
export function estimate(volume: Volume): Line[] {
  const ours = deployed.hasCanary ? canaryLoginsPerDay : 0;
  const logins = volume.loginsPerDay + ours;
  const notable = volume.loginsPerDay * volume.abroad + ours;
  const usage = new Map<string, Map<Item, number>>();
  const add = (stage: string, item: Item, units: number): void => {
    const of = usage.get(stage) ?? new Map<Item, number>();
    usage.set(stage, of.set(item, (of.get(item) ?? 0) + units));
  };
  requests(volume, logins, add);
  const notified = volume.loginsPerDay * volume.abroad;
  const loads = [...everyLogin.map((load) => ({ load, times: logins })), ...loginFromAbroad.map((load) => ({ load, times: load.stage === 'notifier' ? notified : notable }))];
  for (const [stage, of] of Map.groupBy(loads, ({ load }) => load.stage)) work(stage, of, volume, add);
  add('notifier', 'email', notified);
  stored(logins, notable, add);
  fixed(volume, logins > 0, add);
  const logged = [...usage.values()].reduce((sum, of) => sum + (of.get('logGb') ?? 0), 0);
  add('deployment', 'logGbMonth', (logged * deployed.logRetentionDays * keptOfLogs) / daysPerMonth);
  return [...usage].flatMap(([stage, of]) =>
    [...of].filter(([, units]) => units > 0).map(([item, unitsPerDay]) => ({ stage, item, unitsPerDay, dollarsPerDay: unitsPerDay * prices[volume.region][item].dollars })),
  );
}

type Add = (stage: string, item: Item, units: number) => void;
type Loads = readonly { readonly load: StageLoad; readonly times: number }[];

/** What comes by HTTP: posts of logins, and access checks. */
function requests({ batch, accessChecksPerDay }: Volume, logins: number, add: Add): void {
  const posts = logins / batch;
  add('publisher', 'apiRequest', posts);
  add('publisher', 'logGb', (posts * logBytes.accessLog) / 1e9);
  const { stage, reads, cpu } = accessCheck;
  add(stage, 'apiRequest', accessChecksPerDay);
  add(stage, 'readUnit', accessChecksPerDay * reads);
  add(stage, 'logGb', (accessChecksPerDay * logBytes.accessLog) / 1e9);
  invocations(stage, 'api', accessChecksPerDay, accessChecksPerDay * cpu, waits.tableMilliseconds, add);
}

/** What a stage does with its share of the logins. */
function work(stage: string, loads: Loads, { batch, bus }: Volume, add: Add): void {
  const sum = (of: (load: StageLoad) => number): number => loads.reduce((all, { load, times }) => all + of(load) * times, 0);
  const events = sum(({ events: each }) => each);
  const size = stage === 'publisher' ? batch : batchOf(stage, events);
  const calls = stage === 'publisher' ? sum(() => 1) / batch : events / size;
  const published = sum(({ publishes }) => publishes);
  if (bus === 'sns') {
    add(stage, 'snsRequest', published / Math.min(size, maxEntries));
    // Each poll brings up to ten messages, and up to ten are deleted at once.
    if (events > 0) add(stage, 'sqsRequest', Math.max(0, events / Math.min(size, maxEntries) - idlePollsPerDay) + events / Math.min(size, maxEntries));
  }
  add(stage, 'writeUnit', sum(({ writes }) => writes));
  add(stage, 'readUnit', sum(({ reads }) => reads));
  const waited = waitedFor(published, sum(({ writes, reads }) => writes + reads));
  invocations(stage, stage === 'publisher' ? 'api' : 'consumer', calls, sum(({ cpu }) => cpu), waited, add);
  const told = loads.reduce((all, { load, times }) => all + times * Math.max(1, load.events) * (loginFromAbroad.includes(load) ? 1 : sampled), 0);
  add(stage, 'logGb', (told * logBytes.event) / 1e9);
}

/** How many events come in a batch: what one of Lambda's polls finds within the window, up to the batch size. */
function batchOf(stage: string, eventsPerDay: number): number {
  const consumer = services.find(({ name }) => name === stage)?.consumer;
  const { batchSize = 1, batchingWindowSeconds = 0 } = consumer ?? {};
  // Without a window a poll answers with what is there; a tenth of a second passes between two.
  const seconds = Math.max(batchingWindowSeconds, 0.1);
  return Math.min(batchSize, 1 + (eventsPerDay / secondsPerDay / polls) * seconds);
}

/** A function's invocations: requests, time, logs and traces. */
function invocations(stage: string, part: 'api' | 'consumer', calls: number, cpuMilliseconds: number, waitMilliseconds: number, add: Add): void {
  const memoryMiB = services.find(({ name }) => name === stage)?.[part]?.memoryMiB ?? 0;
  add(stage, 'lambdaRequest', calls);
  // Less memory has less of a processor for longer, so CPU costs the same; waiting costs by the memory.
  add(stage, 'lambdaGbSecond', (cpuMilliseconds / 1000) * (mibOfProcessor / 1024) + calls * (waitMilliseconds / 1000) * (memoryMiB / 1024));
  add(stage, 'logGb', (calls * logBytes.metrics) / 1e9);
  // X-Ray's default: one a second, and a twentieth of the others.
  const perSecond = calls / secondsPerDay;
  add(stage, 'trace', (Math.min(1, perSecond) + 0.05 * Math.max(0, perSecond - 1)) * secondsPerDay);
}

function stored(logins: number, notable: number, add: Add): void {
  const own = storedBytes.everyLogin * logins * storedBytes.days;
  const judged = storedBytes.loginFromAbroad * notable * storedBytes.days;
  for (const [stage, bytes] of [['login-logger', own], ['account-security', judged]] as const) {
    add(stage, 'tableGbMonth', bytes / 1e9 / daysPerMonth);
    add(stage, 'backupGbMonth', bytes / 1e9 / daysPerMonth);
  }
}

/** What is paid whatever comes, and what all share. */
function fixed({ bus, loginsPerDay, abroad, accessChecksPerDay }: Volume, isUsed: boolean, add: Add): void {
  const monthly = (item: Item, count: number): void => add('deployment', item, count / daysPerMonth);
  monthly('alarmMonth', deployed.alarmMetrics + (bus === 'kafka' ? onKafka.moreAlarmMetrics : 0));
  monthly('compositeAlarmMonth', deployed.compositeAlarms);
  monthly('dashboardMonth', deployed.dashboards);
  monthly('secretMonth', deployed.secrets);
  monthly('keyMonth', deployed.keys);
  const ofCanary = isUsed ? metricsInUse.canary : 0;
  // `LoginsByCountry` counts logins from abroad alone.
  monthly('metricMonth', loginsPerDay > 0 ? metricsInUse.services + (abroad > 0 ? metricsInUse.countries : 0) : ofCanary);
  // Logins are posted, and the canary reads its history.
  const routes = (isUsed ? 1 : 0) + (deployed.hasCanary ? 1 : 0) + (accessChecksPerDay > 0 ? 1 : 0);
  monthly('metricMonth', routes * deployed.metricsOfRoute);
  if (bus === 'kafka') {
    add('deployment', 'brokerHour', 24 * onKafka.brokers);
    monthly('brokerGbMonth', onKafka.brokers * onKafka.gibOfBroker);
    add('deployment', 'pollerHour', 24 * onKafka.pollerUnits);
    add('deployment', 'endpointHour', 24 * onKafka.endpoints);
    return;
  }
  add('deployment', 'sqsRequest', idlePollsPerDay * deployed.polledQueues);
  const publishers = new Set([...everyLogin, ...loginFromAbroad].filter(({ publishes }) => publishes > 0).map(({ stage }) => stage)).size;
  if (isUsed) add('deployment', 'keyRequest', keyRequestsPerDay * publishers);
}

/** Dollars a day by what a line is of. */
export function sumsBy(lines: readonly Line[], keyOf: (line: Line) => string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of lines) sums.set(keyOf(line), (sums.get(keyOf(line)) ?? 0) + line.dollarsPerDay);
  return new Map([...sums].toSorted(([, a], [, b]) => b - a));
}

export const totalOf = (lines: readonly Line[]): number => lines.reduce((sum, { dollarsPerDay }) => sum + dollarsPerDay, 0);
export const serviceOf = ({ item }: Line): string => items[item].service;
