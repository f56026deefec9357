import { cursors } from '../lambdas/runtime/cursor.ts';
import { historyStore } from '../lambdas/login-logger/store.ts';
import { locatedLogin } from '../test/support/logins.ts';
import { apiClient } from '../test/support/local-client.ts';
import { each } from '../test/support/work.ts';
import { count, percentile } from './figures.ts';
import { homeAddress } from './load.ts';
import { startLocalProcess } from './local-process.ts';
import type { Benchmark, Section, Tools } from './report.ts';
import { historyTable, tablesOf } from './tables.ts';

/** Logins that accounts have. */
const sizes = [10, 1000, 100_000] as const;
/** Reads of each page that are counted, after those for compilers and caches. */
const reads = 300;
const ahead = 50;
/** The promise: so many times as long with the longest history as with the shortest. */
const promised = 1.5;

/** The history spans so many days, of the 90 that it shows. */
const days = 80;
/** Writes at once, while histories are filled. */
const atOnce = 16;

/** A page, and how long reading it took each time, in milliseconds. */
interface Reading {
  readonly size: number;
  readonly page: 'newest 20' | '5 in the middle';
  readonly path: string;
  readonly items: number;
  readonly token: string;
  readonly took: number[];
}

/** How long a page of a history takes, by how long the history is. */
export const histories: Benchmark = { name: 'history', about: 'pages of histories of 10, 1,000 and 100,000 logins', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const local = await startLocalProcess();
  try {
    const readings: Reading[] = [];
    for (const size of sizes) {
      progress(`writing a history of ${count(size)}`);
      readings.push(...(await fill(local.url, size)));
    }
    progress('reading');
    for (let round = 0; round < ahead + reads; round += 1) {
      // Each begins a round in its turn.
      for (const index of readings.keys()) {
        const reading = readings[(index + round) % readings.length];
        if (reading) await read(local.url, reading, round >= ahead);
      }
    }
    return [sectionOf(readings)];
  } finally {
    await local.end();
  }
}

/** Writes a history as the login-logger does. @returns the pages to read of it */
async function fill(url: string, size: number): Promise<Reading[]> {
  const accountId = `account-of-${size}`;
  const now = new Date();
  const store = historyStore(tablesOf(url), historyTable, () => now);
  const step = (days * 86_400_000) / size;
  const loginOf = (index: number) => locatedLogin(accountId, `login-${index}`, new Date(now.getTime() - Math.round((size - index) * step)), { ip: homeAddress, country: 'KR' });
  await each(Array.from({ length: size }, (_, index) => index), atOnce, async (index) => {
    const recording = await store.record(accountId, loginOf(index));
    if (!recording?.isNew) throw new Error(`Login ${index} of ${accountId} was there already.`);
  });
  const { body } = await apiClient(url).plain('/local/tokens', { body: { accountId } });
  const middle = cursors.of(`logins of ${accountId}`, loginOf(size / 2).loginId);
  const reading = { size, token: body.token as string, took: [] };
  return [
    { ...reading, page: 'newest 20', path: '/v1/me/logins', items: Math.min(20, size) },
    { ...reading, took: [], page: '5 in the middle', path: `/v1/me/logins?limit=5&cursor=${middle}`, items: 5 },
  ];
}

async function read(url: string, { path, token, items, took }: Reading, isCounted: boolean): Promise<void> {
  const start = performance.now();
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const body = (await response.json()) as { items: unknown[] };
  if (isCounted) took.push(performance.now() - start);
  if (response.status !== 200 || body.items.length !== items) throw new Error(`${path} answered ${response.status} with ${body.items?.length} logins in place of ${items}.`);
}

function sectionOf(readings: readonly Reading[]): Section {
  const [shortest, , longest] = sizes;
  const medianOf = (size: number, page: Reading['page']): number => percentile(readings.find((each) => each.size === size && each.page === page)?.took ?? [], 50);
  const promiseOf = (page: Reading['page']) => {
    const ratio = medianOf(longest, page) / medianOf(shortest, page);
    return { what: `reading the ${page} of 100,000 logins to that of 10, p50`, limit: `at most ${promised}`, measured: ratio.toFixed(2), isKept: ratio <= promised };
  };
  return {
    title: 'Reading the history',
    text: `\`GET /v1/me/logins\` through the local run, one request at a time, the pages in turns; ${reads} reads of each. The newest 20 of 10 are 10.`,
    columns: ['logins of the account', 'page', 'p50 ms', 'p99 ms'],
    rows: readings.map(({ size, page, took }) => [count(size), page, percentile(took, 50).toFixed(1), percentile(took, 99).toFixed(1)]),
    promises: [promiseOf('newest 20'), promiseOf('5 in the middle')],
  };
}
