import { isDeepStrictEqual } from 'node:util';
import type { EventTypeFile } from '../lambdas/contracts/event-types.ts';
import type { Subscription } from '../lambdas/contracts/subscriptions.ts';
import type { Catalog } from './catalog.ts';

/** What is deployed of a catalog. */
export interface Deployed {
  readonly subscriptions: readonly Subscription[];
  readonly eventTypes: readonly EventTypeFile[];
}

/** What a deployment of a catalog would change, in words, a line each; none when nothing changes. */
export function planOf(wanted: Catalog, deployed: Deployed): string[] {
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
    if (!wanted.eventTypes.some((each) => each.type === type)) lines.push(`- takes back ${type}: nobody can publish it any more`);
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

function changesOfType(before: EventTypeFile, after: EventTypeFile): string[] {
  const lines = [];
  if (before.owner !== after.owner) lines.push(`~ changes ${after.type}: owner from ${before.owner} to ${after.owner}`);
  if (!isDeepStrictEqual(before.dataSchema, after.dataSchema)) lines.push(`~ changes ${after.type}: the schema of its data`);
  if (before.outsideProducers !== after.outsideProducers) {
    lines.push(after.outsideProducers ? `~ opens ${after.type} to outside producers` : `~ closes ${after.type} to outside producers`);
  }
  return lines;
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
    lines.push(after.paused ? `~ pauses ${after.name}: its events are held from then on` : `~ resumes ${after.name}: what was held goes out within a minute`);
  }
  return lines;
}
