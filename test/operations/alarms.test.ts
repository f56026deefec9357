import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws/calls.ts';
import { synthesize } from '../../local/assembly.ts';
import { readModel } from '../../local/template.ts';
import { catalogFolders, gameServer } from '../support/catalog.ts';
import { newCampaign } from '../support/campaigns.ts';
import { startEndpoint } from '../support/endpoints.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { writeMmdb } from '../support/mmdb.ts';
import { action, anEvent, bridge, faultsOf, kindOf, queueOf, subscription, taken } from './alarm-faults.ts';
import { causeInTurn, type Fault, type Outcome, waitFor } from './fault.ts';
import { ageState } from './second-run.ts';
import { switchboard } from './switchboard.ts';

/** A minute of CloudWatch lasts a second. */
const minuteMilliseconds = 1000;
const secrets = new Map([['game-server', 'whsec_bG9jYWwtdGVzdC1zZWNyZXQ=']]);

const folder = await mkdtemp(join(tmpdir(), 'loginward-alarms-'));
const answer = { ...taken };
const endpoint = await startEndpoint((_, response) => response.writeHead(answer.status).end(answer.body));
const folders = await catalogFolders({ 'game-server': { ...gameServer, endpoint: endpoint.url, parallelism: 2 } });
const campaigns = await catalogFolders({ spring: newCampaign({ id: 'spring' }) });

/** The templates, with a geo database that was built so many days ago. */
async function assemblyWith(name: string, daysOld: number): Promise<string> {
  const file = join(folder, `${name}.mmdb`);
  await writeFile(file, writeMmdb({ '8.8.8.0/24': { country_code: 'US' } }, Math.floor(Date.now() / 1000 - daysOld * 86_400)));
  const settings = { locksPerHour: 1, smsPerAccountAndDay: 1 };
  return synthesize({ geoDatabase: file, subscriptions: folders.subscriptions, campaigns: campaigns.subscriptions, secrets, settings }, join(folder, name));
}

const withOldDatabase = await assemblyWith('old', 100);
const model = readModel(withOldDatabase, 'http://127.0.0.1');
const alarms = [...model.monitoring.alarms, ...model.monitoring.compositeAlarms].map(({ name }) => name);

describe('each alarm of the templates is caused by a fault, fires, and clears when it is mended', () => {
  const board = switchboard();
  let chain: LocalChain;
  let outcomes: Map<Fault, Outcome>;
  const start = (assembly: string): Promise<LocalChain> =>
    startLocalChain({ assembly, secrets, minuteMilliseconds, trouble: board.trouble, data: join(folder, 'data') });
  const deliveries = () => endpoint.got.length;

  beforeAll(async () => {
    chain = await start(withOldDatabase);
    const { ofConsumers, ofApis, ofNoticesAndEndpoints } = faultsOf({ chain, model, board, endpoint: answer, deliveries });
    outcomes = new Map([ofConsumers, ofApis, ofNoticesAndEndpoints].flatMap((faults) => [...causeInTurn(faults, chain.local.cloudWatch)]));
  });
  afterAll(async () => {
    await chain.stop();
    await endpoint.close();
    for (const each of [folders, campaigns]) await each.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** What takes days, or a new deployment, is seen in a second run over the same state. */
  const later = new Set(['held', 'waiting', 'geo-database-old']);

  /** The canary wants a chain that nobody else disturbs: chain-stands-still.test.ts. */
  const elsewhere = new Set(['missing', 'chain-stands-still']);

  it.each(alarms.filter((alarm) => !later.has(kindOf(alarm)) && !elsewhere.has(kindOf(alarm))))('%s', { timeout: 400_000 }, async (alarm) => {
    const [fault, outcome] = [...outcomes].find(([{ alarms: caused }]) => caused.includes(alarm)) ?? [];
    expect(fault, 'no fault of this test causes it').toBeDefined();
    await outcome?.fired;
    await outcome?.cleared;
  });

  it(`${[...later].join(', ')}: after a second start`, { timeout: 120_000 }, async () => {
    const of = (kind: string) => ({ what: kind, alarms: alarms.filter((alarm) => kindOf(alarm) === kind) });
    const geo = [...outcomes].find(([fault]) => fault.alarms.some((alarm) => kindOf(alarm) === 'geo-database-old'));
    await geo?.[1].fired;

    // The endpoint is away, so that events are held; and one more is in the queue when the run ends.
    answer.status = 503;
    // How long they are held is told every minute; one of them may always be on its way as a probe.
    const held = { namespace: 'Loginward', name: 'HeldSeconds', dimensions: { env: 'local', service: 'http-bridge', subscription: 'game-server' } };
    const minutesHeld = () => chain.local.cloudWatch.statistic(held, 'SampleCount', 10) ?? 0;
    for (; minutesHeld() < 4; await delay(250)) chain.local.send(queueOf(subscription), action('kick'));
    board.throttled.add(bridge);
    chain.local.send(queueOf(subscription), action('kick'));
    await chain.stop();
    board.throttled.clear();
    const aged = ageState(join(folder, 'data'), { queue: queueOf(subscription), subscription: 'game-server', days: 8 });
    expect(aged.messages).toBeGreaterThan(0);
    expect(aged.batches).toBeGreaterThan(0);

    // Where events are held nothing can be put for now, so the queue's own waits as well.
    board.calls.set(bridge, ({ operation }) => {
      if (operation === 'PutObject') throw new AwsError('InternalError', 500, 'Trouble of a test.');
    });
    chain = await start(await assemblyWith('new', 1));
    const { cloudWatch } = chain.local;
    await Promise.all([waitFor(of('waiting'), cloudWatch, 'ALARM'), waitFor(of('held'), cloudWatch, 'ALARM')]);
    board.calls.clear();
    Object.assign(answer, taken);
    chain.local.send(queueOf('ip-checker'), anEvent('ip-checker'));
    for (const kind of later) await waitFor(of(kind), cloudWatch, 'OK');
  });
});
