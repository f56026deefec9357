import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DrawnDashboard } from '../../local/cloudwatch/types.ts';
import { replaySample } from '../../local/sample/replay.ts';
import { catalogFolders, gameServer } from '../support/catalog.ts';
import { newCampaign } from '../support/campaigns.ts';
import { startEndpoint } from '../support/endpoints.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { taken } from './alarm-faults.ts';
import { badHour, badRequests, busyDay, theAction } from './sample-load.ts';
import { switchboard } from './switchboard.ts';

/** What stays empty, by the title of its widget and its label, on all dashboards or one, and why. */
const empty: Readonly<Record<string, string>> = {
  'Actions asked for, by response: only observed': 'only in the mode observe',
  'Waiting for endpoints: batches put aside': 'after days',
  'ip-checker: swallowed': 'it passes on every login',
  'loginward-local-ip-checker: Events: swallowed': 'the same, on its own dashboard',
};
/** Metrics that are on no dashboard, and why. */
const unused: Readonly<Record<string, string>> = {};

describe('the dashboards of the templates', () => {
  const board = switchboard();
  const answer = { ...taken, type: 'text/plain' };
  let chain: LocalChain;
  let drawn: DrawnDashboard[];
  const atEnd: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const endpoint = await startEndpoint(({ body }, response) => {
      const { data } = JSON.parse(body) as { data: { actionId: string } };
      response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body.replace(theAction, data.actionId));
    });
    const folders = await catalogFolders({ 'game-server': { ...gameServer, endpoint: endpoint.url, parallelism: 2 } });
    const campaigns = await catalogFolders({ spring: newCampaign({ id: 'spring' }) });
    chain = await startLocalChain({
      subscriptions: folders.subscriptions,
      campaigns: campaigns.subscriptions,
      secrets: new Map([['game-server', 'whsec_bG9jYWwtdGVzdC1zZWNyZXQ=']]),
      settings: { locksPerHour: 1, smsPerAccountAndDay: 1 },
      // The canary comes three times a minute, so that there are moments without anything on its way.
      minuteMilliseconds: 20_000,
      trouble: board.trouble,
    });
    atEnd.push(chain.remove, endpoint.close, folders.remove, campaigns.remove);
    const { local } = chain;
    await replaySample(local, 'KR', () => undefined);
    await busyDay(chain);
    await badRequests(chain);
    await badHour(chain, board, answer);
    const { cloudWatch } = local;
    const told = () => new Set(cloudWatch.listMetrics().map(({ name }) => name));
    for (const late of ['HeldSeconds', 'BreakerOpen', 'CanaryArrived']) while (!told().has(late)) await delay(250);
    drawn = cloudWatch.dashboards.map((name) => cloudWatch.draw(name, 24 * 60)).filter((each) => each !== undefined);
  }, 400_000);
  afterAll(async () => {
    for (const end of atEnd) await end();
  });

  it('have data in every widget after the sample day, what such a day lacks, and an hour of trouble', () => {
    const blank = drawn.flatMap(({ name, widgets }) =>
      widgets.flatMap(({ type, properties, series }) => {
        if (type !== 'metric') return [];
        const title = String(properties['title']);
        const lines = series.length === 0 ? [`${title}: all`] : series.filter(({ points }) => points.length === 0).map(({ label }) => `${title}: ${label}`);
        return lines.flatMap((line) => (line in empty || `${name}: ${line}` in empty ? [] : [`${name}: ${line}`]));
      }),
    );
    expect(blank).toEqual([]);
  });

  it('show every metric that a function emitted', () => {
    const shown = JSON.stringify(drawn.map(({ widgets }) => widgets.map(({ properties }) => properties['metrics'])));
    const emitted = new Set(chain.local.cloudWatch.listMetrics().flatMap(({ namespace, name }) => (namespace === 'Loginward' ? [name] : [])));
    const onNone = [...emitted].filter((name) => !shown.includes(`"${name}"`) && !shown.includes(String.raw`MetricName=\"${name}\"`) && !(name in unused));
    expect(onNone).toEqual([]);
  });
});
