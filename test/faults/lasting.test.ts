import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogFolders, type CatalogFolders, gameServer } from '../support/catalog.ts';
import { newCampaign } from '../support/campaigns.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { action, anEvent, bridge, queueOf, requests, subscription, taken } from '../operations/alarm-faults.ts';
import { makeFire, waitFor } from '../operations/fault.ts';
import { type Fault, lastingTrouble } from './faults.ts';

/** A minute of CloudWatch; in each of three there must be a call that has waited until its time was over. */
const minuteMilliseconds = 4000;

let endpoint: TestEndpoint;
let folders: CatalogFolders;
let campaigns: CatalogFolders;
let chain: LocalChain;
const trouble = lastingTrouble();

beforeAll(async () => {
  endpoint = await startEndpoint((_, response) => response.writeHead(taken.status).end());
  folders = await catalogFolders({ 'game-server': { ...gameServer, endpoint: endpoint.url } });
  campaigns = await catalogFolders({ spring: newCampaign({ id: 'spring' }) });
  const secrets = new Map([['game-server', 'whsec_bG9jYWwtdGVzdC1zZWNyZXQ=']]);
  chain = await startLocalChain({ subscriptions: folders.subscriptions, campaigns: campaigns.subscriptions, secrets, minuteMilliseconds, trouble: trouble.trouble });
}, 600_000);
afterAll(async () => {
  trouble.fault = undefined;
  await chain.remove();
  await endpoint.close();
  for (const each of [folders, campaigns]) await each.remove();
});

/** The alarm that says that what a function calls does not work: its kind follows from what calls the function. */
function alarmOf(functionName: string): string {
  if (functionName.endsWith('-api')) return `${functionName}-errors`;
  // What it could not do comes back, and waits for longer and longer.
  if (functionName.endsWith('-consumer')) return functionName.replace(/-consumer$/, '-behind');
  return `${functionName}-bridge-errors`;
}

/** Has a function called, whichever it is. */
function call(functionName: string): void {
  const service = functionName.replace('loginward-local-', '').replace(/-(api|consumer)$/, '');
  if (functionName.endsWith('-api')) void requests[service]?.(chain).catch(() => undefined);
  else if (functionName === bridge) chain.local.send(queueOf(subscription), action('kick'));
  else chain.local.send(queueOf(service), anEvent(service));
}

const lasting = ['throttled', 'refused', 'timed out before', 'reset before'] as const satisfies readonly Fault[];

describe('a fault that lasts, in all that every function calls', () => {
  it.each(lasting)('%s: the alarm of each function fires, and clears when it is over', { timeout: 600_000 }, async (fault) => {
    // The canary calls nothing of AWS but the HTTP API; that it is missed is told by test/operations/chain-stands-still.test.ts.
    const functions = chain.local.functions.filter((name) => !name.endsWith('-schedule'));
    const alarms = functions.map(alarmOf);
    expect(chain.local.cloudWatch.alarms().map(({ name }) => name)).toEqual(expect.arrayContaining(alarms));
    trouble.fault = fault;
    trouble.met.clear();
    const end = () => {
      trouble.fault = undefined;
    };
    await makeFire({ what: fault, alarms, every: 1000, cause: () => functions.forEach(call), mend: end }, chain.local.cloudWatch);
    expect(functions.filter((name) => !trouble.met.has(name))).toEqual([]);
    await waitFor({ what: fault, alarms }, chain.local.cloudWatch, 'OK');
    process.stdout.write(`${fault}, lasting: ${alarms.length} alarms fired and cleared\n`);
  });
});
