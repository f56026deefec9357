import { each } from '../test/support/work.ts';
import { wholeHistory } from '../test/support/whole-history.ts';
import { apiClient } from '../test/support/local-client.ts';
import { addressAbroad, awsClient, homeAddress, loginOf, post } from './load.ts';
import { count } from './figures.ts';
import { type LocalProcess, type Memory, startLocalProcess } from './local-process.ts';
import type { Benchmark, Promised, Section, Tools } from './report.ts';

/** Logins of a round, of which one of so many comes from abroad. */
interface Round {
  readonly logins: number;
  readonly perPost: number;
  readonly oneAbroadIn: number;
}

interface Measured extends Round {
  readonly seconds: number;
  readonly ownCpu: number;
  readonly functionsCpu: number;
  readonly memory: Memory;
}

/** A prime, so that each account has its part of the logins from abroad. */
const accounts = 1999;
/** Requests at once, as a few login servers send them. */
const atOnce = 8;

/** For compilers, caches, the starts of the functions, and the notice that each account gets once an hour. */
const warmUp: Round = { logins: 3000, perPost: 10, oneAbroadIn: 1 };
const everyday = { perPost: 10, oneAbroadIn: 20 };
const small: Round = { ...everyday, logins: 10_000 };
const large: Round = { ...everyday, logins: 100_000 };
const judged: Round = { logins: 5000, perPost: 10, oneAbroadIn: 1 };
const rounds: readonly Round[] = [{ ...everyday, logins: 1000 }, small, large, { ...small, perPost: 100 }, judged];

/** What is promised: of the logins a second, of memory, and of logins for each CPU-second. */
const leastOfSmall = 0.8;
const mostOfSmall = 1.3;
const leastPerCpuSecond = 100;

/** How many logins the local run carries, and what they take of the machine. */
export const drained: Benchmark = { name: 'drain', about: 'logins a second and for each CPU-second through the local run, up to 100,000', run: measure };

async function measure({ progress }: Tools): Promise<readonly Section[]> {
  const local = await startLocalProcess();
  try {
    const done: Measured[] = [];
    for (const round of [warmUp, ...rounds]) {
      progress(`${count(round.logins)} logins, ${round.perPost} in a request, one of ${round.oneAbroadIn} from abroad`);
      done.push(await drain(local, round));
      await check(local, done);
    }
    return [sectionOf(done.slice(1))];
  } finally {
    await local.end();
  }
}

function sectionOf(measured: readonly Measured[]): Section {
  const of = (round: Round): Measured => {
    const found = measured[rounds.indexOf(round)];
    if (!found) throw new Error('A round is missing.');
    return found;
  };
  const growth = perSecond(of(large)) / perSecond(of(small));
  const memory = (which: keyof Memory): Promised => {
    const ratio = of(large).memory[which] / of(small).memory[which];
    const what = which === 'own' ? 'memory of the local run' : 'memory of the local run with all functions';
    return { what: `${what}: peak at 100,000 logins to that at 10,000`, limit: `at most ${mostOfSmall}`, measured: ratio.toFixed(2), isKept: ratio <= mostOfSmall };
  };
  return {
    title: 'What one machine carries',
    text: `Logins through one local run, from the first post to where all queues are empty; ${atOnce} requests at once, ${count(accounts)} accounts. After each round every history was
read: each login stands there once, and each from abroad with its verdict. CPU is that of the local run (HTTP, queues, tables, metrics) and of its functions; what posts the logins is a
process of its own. Memory is what belongs to the processes alone, at its peak in a round. A round of ${count(warmUp.logins)} from abroad went before: for compilers and starts, and each account has had the
notice that it gets once an hour. Each login
has its country, its row, and is judged by whether it is from home; one from abroad has its verdict with a receipt and the responses that follow besides, in the last round all of them. Two
open-source systems that find the country of a login, keep it and judge it managed 100 and 39 for each CPU-second on a machine of this kind.`,
    columns: ['logins', 'in a request', 'from abroad', 'seconds', 'a second', 'for each CPU-second', 'CPU of functions', 'peak MiB', 'with functions'],
    rows: measured.map((each) => [
      count(each.logins),
      String(each.perPost),
      `${(100 / each.oneAbroadIn).toFixed(0)} %`,
      each.seconds.toFixed(1),
      perSecond(each).toFixed(0),
      perCpuSecond(each).toFixed(0),
      `${((100 * each.functionsCpu) / cpuOf(each)).toFixed(0)} %`,
      each.memory.own.toFixed(0),
      each.memory.all.toFixed(0),
    ]),
    promises: [
      { what: 'logins a second at 100,000 to that at 10,000', limit: `at least ${leastOfSmall}`, measured: growth.toFixed(2), isKept: growth >= leastOfSmall },
      memory('own'),
      memory('all'),
      {
        what: 'logins for each CPU-second of the whole local run',
        limit: `more than ${leastPerCpuSecond}`,
        measured: `${perCpuSecond(of(large)).toFixed(0)}; of logins that are all from abroad ${perCpuSecond(of(judged)).toFixed(0)}`,
        isKept: perCpuSecond(of(large)) > leastPerCpuSecond,
      },
    ],
  };
}

const perSecond = ({ logins, seconds }: Measured): number => logins / seconds;
const cpuOf = ({ ownCpu, functionsCpu }: Measured): number => ownCpu + functionsCpu;
const perCpuSecond = (measured: Measured): number => measured.logins / cpuOf(measured);

async function drain(local: LocalProcess, round: Round): Promise<Measured> {
  const aws = awsClient();
  const { logins, perPost, oneAbroadIn } = round;
  const posts = Array.from({ length: logins / perPost }, (_, number) => number * perPost);
  const peaks = local.watchMemory();
  const before = local.cpuSeconds();
  const start = performance.now();
  await each(posts, atOnce, async (first) => {
    const numbers = Array.from({ length: perPost }, (_, index) => first + index);
    await post(aws, local.url, numbers.map((number) => loginOf(accountOf(number), number % oneAbroadIn === 0 ? addressAbroad : homeAddress)));
  });
  await local.whenIdle();
  const seconds = (performance.now() - start) / 1000;
  const after = local.cpuSeconds();
  return { ...round, seconds, ownCpu: after.own - before.own, functionsCpu: after.functions - before.functions, memory: peaks() };
}

const accountOf = (number: number): string => `account-${number % accounts}`;

/** Reads all histories. @throws unless each login stands there once, and each from abroad with its verdict */
async function check(local: LocalProcess, done: readonly Round[]): Promise<void> {
  const api = apiClient(local.url);
  const ids = new Set<string>();
  let entries = 0;
  let verdicts = 0;
  await each(Array.from({ length: accounts }, (_, index) => accountOf(index)), 4, async (account) => {
    for (const { id, verdict } of await wholeHistory(api, account)) {
      ids.add(id);
      entries += 1;
      if (verdict) verdicts += 1;
    }
  });
  const posted = done.reduce((sum, { logins }) => sum + logins, 0);
  const abroad = done.reduce((sum, { logins, oneAbroadIn }) => sum + Math.ceil(logins / oneAbroadIn), 0);
  if (ids.size === posted && entries === posted && verdicts === abroad) return;
  throw new Error(`Of ${posted} logins ${ids.size} are in the history, in ${entries} rows; of ${abroad} from abroad ${verdicts} have a verdict.`);
}
