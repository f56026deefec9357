import { isDeepStrictEqual } from 'node:util';
import type { EventTypeFile } from '../lambdas/contracts/event-types.ts';
import type { Subscription } from '../lambdas/contracts/subscriptions.ts';
import type { Catalog } from './catalog.ts';
import { partitionsOf, retentionDays } from './kafka.ts';

/** What is deployed of a catalog. */
export interface Deployed {
  readonly subscriptions: readonly Subscription[];
  readonly eventTypes: readonly EventTypeFile[];
}

/** What a plan has to know of a deployment on Kafka. */
export interface KafkaDeployed {
  /** The setting of that name. */
  readonly kafkaPartitions: number;
  /** Whether the deployment makes the topics; those of brokers without MSK are made by hand. */
  readonly ownsTopics: boolean;
  /** Whether a topic stays when its type goes, as in `prod`. */
  readonly keepsTopics: boolean;
}

/**
 * What a deployment of a catalog would change, in words, a line each; none when nothing changes.
 *
 * @param kafka left out on SNS
 */
export function planOf(wanted: Catalog, deployed: Deployed, kafka?: KafkaDeployed): string[] {
  const words = kafka ? wordsOnKafka(kafka) : wordsOnSns;
  const before = new Map(deployed.subscriptions.map((each) => [each.name, each]));
  const after = new Map(wanted.subscriptions.map((each) => [each.name, each]));
  const lines: string[] = [];
  const declared = new Map(deployed.eventTypes.map((each) => [each.type, each]));
  for (const each of wanted.eventTypes) {
    const old = declared.get(each.type);
    if (!old) lines.push(`+ declares ${each.type} (${each.owner})${each.outsideProducers ? ', which outside producers may post' : ''}`);
    else lines.push(...changesOfType(old, each));
  }
  for (const { type } of deployed.eventTypes) {
    if (!wanted.eventTypes.some((each) => each.type === type)) lines.push(`- takes back ${type}: nobody can publish it any more${words.takenBack}`);
  }
  for (const [name, subscription] of after) {
    const old = before.get(name);
    if (!old) lines.push(`+ adds ${name} (${subscription.owner}): ${inWords(subscription)}${subscription.paused ? `; paused, so ${words.paused}` : ''}`);
    else lines.push(...changesOf(old, subscription, words));
  }
  for (const name of before.keys()) {
    if (!after.has(name)) lines.push(`- removes ${name}: ${words.removed}`);
  }
  return [...lines, ...(kafka ? raises(wanted, deployed, kafka) : [])];
}

/** What each bus makes of a change. */
interface Words {
  readonly takenBack: string;
  readonly paused: string;
  readonly resumed: string;
  readonly removed: string;
}

const wordsOnSns: Words = {
  takenBack: '',
  paused: 'its events are held',
  resumed: 'what was held goes out within a minute',
  removed: 'its queue goes with what is in it; what waits in its backlog stays, and a subscription of this name finds it again',
};

const wordsOnKafka = ({ keepsTopics }: KafkaDeployed): Words => ({
  takenBack: keepsTopics ? '; its topic stays' : ', and its topic goes with what is in it',
  paused: 'its events wait in their topics, and are put aside when their hold time is over',
  resumed: 'it goes on where it stood; what was put aside meanwhile comes back by npm run dlq alone',
  removed: `its topics keep each event for ${retentionDays} days and its groups their offsets, so a subscription of this name goes on where it stood; what was parked or put aside stays`,
});

/** The topics that get more partitions. What an earlier subscription raised is not known, so a topic may have some of them already. */
function raises(wanted: Catalog, deployed: Deployed, kafka: KafkaDeployed): string[] {
  const types = new Set(wanted.subscriptions.flatMap(({ eventTypes }) => eventTypes));
  return [...types].flatMap((type) => {
    const [from, to] = [deployed, wanted].map(({ subscriptions }) => partitionsOf(type, kafka, subscriptions)) as [number, number];
    if (to <= from) return [];
    const how = kafka.ownsTopics ? `~ raises the partitions of ${short(type)} from ${from} to ${to}` : `~ needs ${to} partitions of ${short(type)} in place of ${from}, which npm run topics prints how to make`;
    return `${how}: until what lies there at that moment is delivered, a newer event of an account may overtake an older one, for everybody who reads them`;
  });
}

const short = (type: string): string => type.replace(/^loginward\.(.*)\.v1$/, '$1');
const list = (items: readonly string[], last: string): string =>
  items.length > 1 ? `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}` : (items[0] ?? 'nothing');

function filterInWords(filter: Subscription['filter']): string {
  const conditions = Object.entries(filter ?? {}).map(([field, values]) => `${field} is ${list(values, 'or')}`);
  return conditions.length > 0 ? ` where ${list(conditions, 'and')}` : '';
}

function inWords({ eventTypes, filter, endpoint, mode, emits = [] }: Subscription): string {
  const gets = `${list(eventTypes.map(short), 'and')}${filterInWords(filter)}`;
  const replies = mode === 'one-way' ? 'one-way' : `streaming, and may emit ${list(emits.map(short), 'and')}`;
  return `${endpoint} gets ${gets}, ${replies}`;
}

function changesOfType(before: EventTypeFile, after: EventTypeFile): string[] {
  const lines = [];
  if (before.owner !== after.owner) lines.push(`~ changes ${after.type}: owner from ${before.owner} to ${after.owner}`);
  if (!isDeepStrictEqual(before.dataSchema, after.dataSchema)) lines.push(`~ changes ${after.type}: the schema of its data`);
  if (before.outsideProducers !== after.outsideProducers) {
    lines.push(after.outsideProducers ? `~ opens ${after.type} to outside producers` : `~ closes ${after.type} to outside producers`);
  }
  return lines;
}

function changesOf(before: Subscription, after: Subscription, words: Words): string[] {
  const texts = (of: Subscription): Record<string, string> => ({
    owner: of.owner,
    endpoint: of.endpoint,
    'what it gets': `${list(of.eventTypes.map(short), 'and')}${filterInWords(of.filter)}`,
    mode: of.mode,
    'what it may emit': list((of.emits ?? []).map(short), 'and'),
    parallelism: String(of.parallelism),
    'time-out': `${of.timeoutSeconds} s`,
    'hold time': `${of.holdDays} days`,
    secret: of.secret ?? 'none',
  });
  const old = texts(before);
  const lines = Object.entries(texts(after)).flatMap(([what, text]) => (old[what] === text ? [] : [`~ changes ${after.name}: ${what} from ${old[what]} to ${text}`]));
  if (before.paused !== after.paused) {
    lines.push(after.paused ? `~ pauses ${after.name}: from then on ${words.paused}` : `~ resumes ${after.name}: ${words.resumed}`);
  }
  return lines;
}
