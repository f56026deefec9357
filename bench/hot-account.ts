import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { chunks } from '../test/support/work.ts';
import { steadily } from './chain.ts';
import { count, percentile } from './figures.ts';
import { addressAbroad, awsClient, homeAddress, loginOf, post, type PostedLogin } from './load.ts';
import { startLocalProcess } from './local-process.ts';
import type { Benchmark, Section, Tools } from './report.ts';
import { historyTable, tablesOf } from './tables.ts';

/** Logins a second of all accounts but one; with the attack as many again, of that one. */
const perSecond = 50;
const seconds = 30;
/** Each is done so often, in turns. */
const turns = 3;
const accounts = 500;
const perPost = 10;
/** Of the attack's logins one of so many succeeds. */
const oneSuccessIn = 20;
/** How often it is looked for rows, in milliseconds; an age is at most so much too great. */
const lookMilliseconds = 50;
/** The promise: the others' p99 with the attack to that without. */
const promised = 2;

/** One account gets half of all logins, and whether the others notice. */
export const hotAccount: Benchmark = { name: 'hot-account', about: 'an attack on one account, and what the others notice of it', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const local = await startLocalProcess();
  try {
    const tables = tablesOf(local.url);
    const quiet: number[] = [];
    const attacked: number[] = [];
    await ages(local.url, tables, true);
    for (let turn = 1; turn <= turns; turn += 1) {
      progress(`turn ${turn} of ${turns}`);
      for (const [isAttacked, found] of [[false, quiet], [true, attacked]] as const) {
        found.push(...(await ages(local.url, tables, isAttacked)));
        await local.whenIdle();
      }
    }
    return [sectionOf(quiet, attacked)];
  } finally {
    await local.end();
  }
}

/** Posts at a steady rate. @returns how long after their 202 the logins of all accounts but the attacked one stood in the history, in milliseconds */
async function ages(url: string, tables: DynamoDBDocumentClient, isAttacked: boolean): Promise<number[]> {
  const waiting = new Map<string, { readonly accountId: string; readonly since: number }>();
  const found: number[] = [];
  const aws = awsClient();
  const send = async (logins: readonly PostedLogin[]): Promise<void> => {
    const ids = await post(aws, url, logins);
    for (const [index, { accountId }] of logins.entries()) if (accountId !== hot) waiting.set(ids[index] ?? '', { accountId, since: performance.now() });
  };
  const posted = new AbortController();
  const looking = (async () => {
    while (!posted.signal.aborted || waiting.size > 0) {
      await delay(lookMilliseconds);
      for (const id of await standing(tables, [...waiting])) {
        found.push(performance.now() - (waiting.get(id)?.since ?? Number.NaN));
        waiting.delete(id);
      }
    }
  })();
  let sent = 0;
  await steadily(perSecond * seconds, perPost, perSecond, async (count) => {
    const numbers = Array.from({ length: count }, (_, index) => sent + index);
    sent += count;
    await Promise.all([send(numbers.map(ordinary)), ...(isAttacked ? [send(numbers.map(ofAttack))] : [])]);
  });
  posted.abort();
  await looking;
  return found;
}

const hot = 'attacked';
const ordinary = (number: number): PostedLogin => loginOf(`account-${number % accounts}`, number % 20 === 0 ? addressAbroad : homeAddress);
const ofAttack = (number: number): PostedLogin => loginOf(hot, addressAbroad, { outcome: number % oneSuccessIn === 0 ? 'success' : 'failure' });

/** Those of some logins that stand in the history. */
async function standing(tables: DynamoDBDocumentClient, logins: readonly (readonly [id: string, { readonly accountId: string }])[]): Promise<string[]> {
  const pages = chunks([...logins], 100).map(async (page) => {
    const Keys = page.map(([entry, { accountId }]) => ({ accountId, entry }));
    const { Responses } = await tables.send(new BatchGetCommand({ RequestItems: { [historyTable]: { Keys, ConsistentRead: true, ProjectionExpression: 'entry' } } }));
    return Responses?.[historyTable]?.map(({ entry }) => entry as string) ?? [];
  });
  return (await Promise.all(pages)).flat();
}

function sectionOf(quiet: readonly number[], attacked: readonly number[]): Section {
  const row = (what: string, found: readonly number[]): string[] => [what, count(found.length), ...[50, 99].map((percent) => (percentile(found, percent) / 1000).toFixed(2))];
  const ratio = percentile(attacked, 99) / percentile(quiet, 99);
  return {
    title: 'An attack on one account',
    text: `Logins of ${accounts} accounts, ${perSecond} a second, and how long after their 202 each stood in the history; then the same while one more account gets ${perSecond} a second, half of
all, ${oneSuccessIn - 1} of ${oneSuccessIn} of them failures. ${turns} turns of ${seconds} seconds each, in one local run.`,
    columns: ['', 'logins of the others', 'p50 s', 'p99 s'],
    rows: [row('without the attack', quiet), row('with the attack', attacked)],
    promises: [{ what: "the others' p99 during an attack on one account, to that without", limit: `at most ${promised}`, measured: ratio.toFixed(2), isKept: ratio <= promised }],
  };
}
