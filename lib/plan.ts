import { eventNames, eventType } from '../lambdas/contracts/names.ts';
import { topicOf } from '../lambdas/contracts/event-types.ts';
import type { Subscription } from '../lambdas/contracts/subscriptions.ts';
import type { Catalog } from './catalog.ts';

/** What is deployed of a catalog. */
export interface Deployed {
  readonly subscriptions: readonly Subscription[];
  /** Topics that there are, as in their parameters: `studio-match-ended-v1`. */
  readonly topics: readonly string[];
}

/** What a deployment of a catalog would change, in words, a line each; none when nothing changes. */
export function planOf(wanted: Catalog, deployed: Deployed): string[] {
  const before = new Map(deployed.subscriptions.map((each) => [each.name, each]));
  const after = new Map(wanted.subscriptions.map((each) => [each.name, each]));
  const lines: string[] = [];
  const own = eventNames.map((name) => topicOf(eventType(name)));
  const declared = new Map(wanted.eventTypes.map((each) => [topicOf(each.type), each]));
  for (const [topic, { type, owner, outsideProducers }] of declared) {
    if (!deployed.topics.includes(topic)) lines.push(`+ declares ${type} (${owner})${outsideProducers ? ', which outside producers may post' : ''}`);
  }
  for (const topic of deployed.topics) {
    if (!declared.has(topic) && !own.includes(topic)) lines.push(`- takes back the event type with the topic ${topic}: nobody can publish it any more`);
  }
  for (const [name, subscription] of after) {
    const old = before.get(name);
    if (!old) lines.push(`+ adds ${name} (${subscription.owner}): ${inWords(subscription)}`);
    else lines.push(...changesOf(old, subscription));
  }
  for (const name of before.keys()) {
    if (!after.has(name)) lines.push(`- removes ${name}: its queue goes with what is in it; what waits in its backlog stays, and a subscription of this name finds it again`);
  }
  return lines;
}

const short = (type: string): string => type.replace(/^loginward\.(.*)\.v1$/, '$1');
const list = (items: readonly string[], last: string): string =>
  items.length > 1 ? `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}` : (items[0] ?? 'nothing');

function filterInWords(filter: Subscription['filter']): string {
  const conditions = Object.entries(filter ?? {}).map(([field, values]) => `${field} is ${list(values, 'or')}`);
  return conditions.length > 0 ? ` where ${list(conditions, 'and')}` : '';
}

function inWords({ eventTypes, filter, endpoint, mode, emits = [], paused }: Subscription): string {
  const gets = `${list(eventTypes.map(short), 'and')}${filterInWords(filter)}`;
  const replies = mode === 'one-way' ? 'one-way' : `streaming, and may emit ${list(emits.map(short), 'and')}`;
  return `${endpoint} gets ${gets}, ${replies}${paused ? '; paused, so its events are held' : ''}`;
}

function changesOf(before: Subscription, after: Subscription): string[] {
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
    lines.push(after.paused ? `~ pauses ${after.name}: its events are held from then on` : `~ resumes ${after.name}: what was held goes out first`);
  }
  return lines;
}
