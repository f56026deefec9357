import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '../../lib/services.ts';
import { AwsError, type Call } from '../../local/aws/calls.ts';
import type { Trouble } from '../../local/aws/endpoint.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { type Callers, callersOf } from './privacy/callers.ts';
import { canaries, type Find, findsIn, type Marks } from './privacy/canaries.ts';
import { asPlayer, asServers, codes, everything } from './privacy/paths.ts';

const consoleState = '/local/console/state';
const root = join(import.meta.dirname, '..', '..');
const account = canaries.accountId.value;
const made: Marks = new Map();
/** All that somebody else than the account may see, by where. */
const seen = new Map<string, string>();

let chain: LocalChain;
let callers: Callers;
let endpoint: TestEndpoint;
let folders: CatalogFolders;
let campaigns: string;
const said: string[] = [];

/** AWS fails each operation of each function once with words that hold all that there is to tell, and one account's for good. */
function troubleOf(): Trouble {
  const failed = new Set<string>();
  const fail = (call: Call, name: string) => {
    throw new AwsError(name, 400, `${call.operation} was refused: ${everything}`);
  };
  return {
    before: (functionName, call) => {
      if (call.service === 'dynamodb' && JSON.stringify(call.input).includes('poisoned.')) fail(call, 'ValidationException');
      if (call.operation === 'SendEmail' && JSON.stringify(call.input).includes('refused-')) fail(call, 'MessageRejected');
      const once = `${functionName} ${call.operation}`;
      if (failed.has(once)) return;
      failed.add(once);
      fail(call, 'ThrottlingException');
    },
    failsEntry: (_, message, { operation }) => operation === 'PublishBatch' && message.includes('unlucky'),
  };
}

/** The endpoint says back what it was sent: refused, not now, or as a reply that cannot be taken. */
async function startEcho(): Promise<TestEndpoint> {
  let count = 0;
  return startEndpoint(({ body }, response) => {
    count += 1;
    const { type } = JSON.parse(body) as { type: string };
    const reply = (data: unknown, more: object = {}) => response.writeHead(200, { 'content-type': 'application/cloudevents+json' }).end(JSON.stringify({ specversion: '1.0', type: 'loginward.action.completed.v1', data, ...more }));
    if (type === matchEnded.type) return response.writeHead(422, { 'content-type': 'text/plain' }).end(`${everything} ${body}`);
    if (count % 5 === 0) return response.writeHead(503, { 'retry-after': '1', 'x-echo': encodeURIComponent(everything) }).end(body);
    if (count % 5 === 1) return response.writeHead(200, { 'content-type': 'application/json' }).end(`{"broken": "${everything}`);
    if (count % 5 === 2) return reply({ actionId: everything, outcome: everything, detail: everything });
    if (count % 5 === 3) return reply({ [everything]: everything }, { subject: everything });
    const { data } = JSON.parse(body) as { data: { actionId: string } };
    return reply({ actionId: data.actionId, outcome: 'failed', detail: everything });
  });
}

const tool = async (name: string, ...args: string[]): Promise<void> => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [`bin/${name}.ts`, ...args], { cwd: root }).catch((error: { stdout: string; stderr: string }) => error);
  seen.set(`npm run ${name} -- ${args.slice(0, 2).join(' ')}`, stdout + stderr);
};

beforeAll(async () => {
  endpoint = await startEcho();
  campaigns = await mkdtemp(join(tmpdir(), 'loginward-campaigns-'));
  const moment = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const campaign = { id: 'old-passwords', owner: 'account team', passwordOlderThan: moment(-1), message: { ko: '바꿔 주세요.', en: 'Please change it.' }, response: 'email', everyDays: 14, from: moment(-1), until: moment(30) };
  await writeFile(join(campaigns, 'old-passwords.json'), JSON.stringify(campaign));
  folders = await catalogFolders(
    { 'game-server': { ...gameServer, endpoint: endpoint.url }, matches: { ...audit, name: 'matches', eventTypes: [matchEnded.type], endpoint: endpoint.url, secret: 'game-server' } },
    { 'match-ended': matchEnded },
  );
  chain = await startLocalChain({
    subscriptions: folders.subscriptions,
    eventTypes: folders.eventTypes,
    campaigns: [campaigns],
    secrets: new Map([['game-server', canaries.secret.value]]),
    trouble: troubleOf(),
    progress: (what) => said.push(what),
    report: (what) => said.push(what),
  });
  callers = callersOf(chain.local.url);
});
afterAll(async () => {
  await chain.remove();
  await folders.remove();
  await endpoint.close();
  await rm(campaigns, { recursive: true });
});

const messages = async () => (await chain.messages(account)).map(({ text }) => text);
const codeIn = (text: string): string | undefined => /\b[A-HJKMNP-Z2-9]{8}\b/.exec(text)?.[0];

/** Waits for a message that holds what is looked for. */
async function messageWith<T>(look: (text: string) => T | undefined): Promise<T> {
  while (true) {
    for (const text of await messages()) {
      const found = look(text);
      if (found !== undefined) return found;
    }
    await delay(100);
  }
}

async function everyPath(): Promise<string[]> {
  await callers.signed('/v1/logins', { accountId: `poisoned.${account}`, ip: canaries.ipv4.value });
  const logins = await asServers(callers);
  const [loginId = ''] = logins;
  await asPlayer(callers, loginId);
  await callers.signed('/v1/logins', { accountId: account, ip: '133.11.0.1', product: canaries.freeText.value });
  await callers.signed('/v1/events', { specversion: '1.0', id: 'c-9', source: 'tests', type: 'loginward.contact.changed.v1', subject: `refused.${account}`, time: new Date().toISOString(), data: { email: `refused-${canaries.email.value}` } }, 'application/cloudevents+json');
  await callers.signed('/v1/logins', { accountId: `refused.${account}`, ip: canaries.ipv4.value });
  const link = await messageWith((text) => /\/v1\/not-me\?token=\S+/.exec(text)?.[0]);
  made.set('not-me link', link.split('token=')[1]?.slice(0, 40) ?? '');
  await callers.plain(link);
  await callers.plain(link, undefined, 'POST');
  await callers.plain(link, undefined, 'POST');
  made.set('code', await codes(callers, () => messageWith(codeIn)));
  await callers.signed(`/v1/accounts/${encodeURIComponent(account)}/unlock`, { reason: canaries.freeText.value });
  await callers.signed(`/v1/accounts/${encodeURIComponent(account)}/unlock`, { reason: '', note: everything });
  made.set('token', callers.tokenMark());
  // What no service can understand, in each queue.
  for (const { name } of services.filter(({ consumer }) => consumer)) {
    // Of a type that is declared, and with an id that an outside producer made of what it had.
    const ids = ['x', canaries.ipv4.value, canaries.ipv6.value, canaries.phone.mark, canaries.deviceId.value];
    const ofAType = ids.map((id) => JSON.stringify({ specversion: '1.0', id, source: 's', type: 'loginward.account.erased.v1', subject: account, time: everything, data: { [everything]: everything } }));
    for (const body of [everything, JSON.stringify({ id: everything, type: everything }), ...ofAType]) {
      chain.local.send(`loginward-local-${name}-queue`, body);
    }
  }
  for (const name of ['game-server', 'matches']) chain.local.send(`loginward-local-http-bridge-${name}-queue`, JSON.stringify({ type: everything, subject: everything, id: everything }));
  return logins;
}

describe('privacy: what is an account’s is seen by nobody else', () => {
  it('0 finds of 10 canary values, and of codes, tokens and links, on every path', async () => {
    const logins = await everyPath();
    // The poisoned account's records come back five times, each later than the one before.
    while (chain.local.peek('loginward-local-login-logger-dead-letters').every(({ body }) => !body.includes('poisoned.'))) await delay(500);
    const erased = await callers.signed(`/v1/accounts/${encodeURIComponent(account)}`, undefined, undefined, 'DELETE');
    expect(erased.status).toBe(202);
    await chain.settled();

    const local = ['--local', chain.local.url, '--log', join(chain.data, 'logs', 'discarded.jsonl')];
    await tool('dlq', 'list', ...local);
    const owners = [...services.filter(({ consumer }) => consumer).map(({ name }) => name), 'http-bridge-game-server', 'http-bridge-matches'];
    for (const name of owners) await tool('dlq', 'show', name, ...local);
    await tool('dlq', 'redrive', 'ip-checker', '--dry-run', ...local);
    await tool('dlq', 'redrive', 'login-logger', '--id', 'no-such-event', ...local);
    await tool('dlq', 'discard', 'ip-checker', '--reason', 'a test', ...local);
    await tool('dlq', 'discard', 'http-bridge-matches', '--reason', 'a test', ...local);
    for (const id of logins) await tool('trace', id, '--local', chain.data);
    expect(seen.get(`npm run trace -- ${logins[0]} --local`)).toContain('account-security');
    expect(seen.get('npm run dlq -- show http-bridge-matches')).toContain('status 422');

    for (const file of await readdir(join(chain.data, 'logs'))) seen.set(`logs/${file}`, await readFile(join(chain.data, 'logs', file), 'utf8'));
    seen.set('what the local run said', said.join('\n'));
    for (const [index, { path, status, text }] of callers.refusals.entries()) seen.set(`answer ${index}: ${status} of ${path.split('?')[0]?.slice(0, 40)}`, text);
    for (const path of [consoleState, '/local/console/dashboards/loginward-local-overview']) seen.set(path, (await callers.plain(path)).text);

    // The console's list of the last logins names accounts, and nothing else of them.
    const finds: Find[] = [...seen].flatMap(([where, text]) => findsIn(where, text, made).filter(({ canary }) => where !== consoleState || canary !== 'accountId'));
    expect(finds).toEqual([]);
    expect(callers.refusals.length).toBeGreaterThan(40);
    console.log(`privacy: ${Object.keys(canaries).length + made.size} canaries, ${callers.refusals.length} refusals, ${[...seen.values()].reduce((sum, text) => sum + text.length, 0)} characters in ${seen.size} places: 0 finds`);
  }, 240_000);
});
