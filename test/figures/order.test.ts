import { expect, it } from 'vitest';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import { knownAddresses } from '../../local/sample/addresses.ts';
import { randomOf } from '../../local/sample/random.ts';
import { openGeoDatabase } from '../../lambdas/runtime/geo/geo-database.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { chunks, each } from '../support/work.ts';

const accounts = 200;
const count = 5000;
const minute = 60_000;

/** 5,000 logins of 200 accounts over 80 days: half from home, the rest from five countries, some failed, some without a country. */
async function logins(geoDatabaseFile: string) {
  const random = randomOf(11);
  const geoDatabase = await openGeoDatabase(geoDatabaseFile, 'direct');
  const places = Map.groupBy(knownAddresses((ip) => geoDatabase.countryOf(ip), random, 4).take(5000), ({ country }) => country);
  const addressIn = (country: string) => random.of(places.get(country) ?? []).ip;
  const until = Date.now() - 60 * minute;
  return Array.from({ length: count }, (_, index) => {
    const abroad = random.of(['US', 'JP', 'CN', 'DE', 'BR']);
    const from = random.below(10);
    return {
      accountId: `account-${random.below(accounts)}`,
      id: `login-${index}`,
      ip: from === 9 ? '192.168.0.1' : addressIn(from < 5 ? 'KR' : abroad),
      occurredAt: new Date(until - random.below(80 * 24 * 60) * minute).toISOString(),
      outcome: random.below(10) === 0 ? 'failure' : 'success',
    };
  }).toSorted((a, b) => a.occurredAt.localeCompare(b.occurredAt));
}

type Login = Awaited<ReturnType<typeof logins>>[number];

/** What stands in the end: histories and receipts, without the actions that were done on the way. */
async function outcomeOf(arrange: (all: Login[]) => Login[], all: Login[] | undefined) {
  const chain: LocalChain = await startLocalChain();
  try {
    const stream = all ?? (await logins(chain.local.geoDatabaseFile));
    const posted = arrange(stream);
    for (const body of chunks(posted, 100)) expect((await chain.api.signed('/v1/logins', { body })).status).toBe(202);
    await chain.settled();
    const histories: Record<string, HistoryItem[]> = {};
    const receipts: Record<string, unknown> = {};
    await each(Array.from({ length: accounts }, (_, index) => `account-${index}`), 4, async (account) => {
      const items = await wholeHistory(chain.api, account);
      histories[account] = items.map(({ verdict, ...item }) => ({
        ...item,
        ...(verdict && { verdict: { triggers: verdict.triggers, responses: verdict.responses } }),
      }));
      const { body } = await chain.api.plain('/local/tokens', { body: { accountId: account } });
      for (const { id, verdict } of items) {
        if (!verdict) continue;
        const answer = await chain.api.plain(`/v1/me/verdicts/${id}`, { headers: { authorization: `Bearer ${body.token}` } });
        const { actions: _, ...receipt } = answer.body;
        receipts[id] = receipt;
      }
    });
    return { stream, posted: posted.length, histories, receipts };
  } finally {
    await chain.remove();
  }
}

it('order: the same 5,000 logins in order, shuffled, and with 30% sent twice end the same', async () => {
  const random = randomOf(13);
  const shuffled = (list: Login[]) =>
    list
      .map((login) => [random.below(2 ** 30), login] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, login]) => login);
  const inOrder = await outcomeOf((all) => all, undefined);
  const mixed = await outcomeOf(shuffled, inOrder.stream);
  const doubled = await outcomeOf((all) => shuffled([...all, ...all.slice(0, count * 0.3)]), inOrder.stream);
  const total = Object.values(inOrder.histories).flat().length;
  expect(total).toBe(count);
  for (const other of [mixed, doubled]) {
    expect(Object.keys(other.receipts).toSorted()).toEqual(Object.keys(inOrder.receipts).toSorted());
    for (const [account, history] of Object.entries(inOrder.histories)) expect(other.histories[account]).toEqual(history);
    for (const [id, receipt] of Object.entries(inOrder.receipts)) expect(other.receipts[id]).toEqual(receipt);
  }
  console.log(`order: ${count} logins of ${accounts} accounts in order, shuffled, and as ${doubled.posted} with 30% twice: `
    + `${total} history entries and ${Object.keys(inOrder.receipts).length} receipts identical`);
});
