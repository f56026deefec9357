import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metrics, metricsNamespace } from '../../lambdas/contracts/metrics.ts';
import { services } from '../../lib/services.ts';
import { visible } from '../../lib/visible.ts';
import { readEmf } from '../../local/cloudwatch/emf.ts';
import { type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

const root = join(import.meta.dirname, '..', '..');
/** By it whatever of a payload is found, wherever it stands. */
const mark = 'f0rg3d';
const emf = (name: string) => `{"_aws":{"Timestamp":${Date.now()},"CloudWatchMetrics":[{"Namespace":"Loginward","Dimensions":[["env","service"]],"Metrics":[{"Name":"${name}"}]}]},"env":"local","service":"publisher","${name}":1000000,"m":"${mark}"}`;
/** What would begin a line of its own, end one, colour or turn round a terminal, or be taken for a metric or a pattern. */
const payloads = [
  `x\n{"level":"INFO","message":"${mark}","service":"publisher"}`,
  `x\r\n{"message":"${mark}"}\r\n`,
  `x","message":"${mark}","level":"ERROR`,
  `\u001b[2J\u001b[31m${mark}\u001b]0;${mark}\u0007\u009b31m\u0000\u0008`,
  `\u202e${mark}\u2066\u200f\u200b\ufeff\u2028\u2029\u0085\u{e0041}`,
  `%s%n%d ${mark} \${jndi:ldap://${mark}} {{7*7}} %0a%0d`,
  `<script>alert("${mark}")</script><img src=x onerror=1>`,
  `=cmd|' /C ${mark}'!A0`,
  `| fields @message | filter "${mark}"`,
  emf('LoginsAccepted').slice(0, 500),
];
const short = (payload: string, length = 128): string => payload.slice(0, length);

let chain: LocalChain;
let endpoint: TestEndpoint;
let folders: CatalogFolders;
let accepted = 0;
/** What support's audit holds, as it was written. */
const reasons: string[] = [];

beforeAll(async () => {
  endpoint = await startEndpoint(({ body }, response) => {
    const number = Number((JSON.parse(body) as { data: { matchId: string } }).data.matchId);
    const said = payloads[number] ?? '';
    if (number % 3 === 0) response.writeHead(200, { 'content-type': 'application/cloudevents+json' }).end(JSON.stringify({ specversion: '1.0', type: short(said), data: said }));
    else response.writeHead(422, { 'content-type': 'text/plain', 'x-said': encodeURIComponent(said) }).end(said);
  });
  folders = await catalogFolders(
    { matches: { ...gameServer, name: 'matches', filter: undefined, eventTypes: [matchEnded.type], endpoint: endpoint.url, secret: undefined, parallelism: 20 } },
    { 'match-ended': matchEnded },
  );
  chain = await startLocalChain({
    subscriptions: folders.subscriptions,
    eventTypes: folders.eventTypes,
    trouble: {
      before: (_, { operation, input }) => {
        const text = operation === 'PutItem' ? JSON.stringify(input.Item) : '';
        if (text.includes('"audit"')) reasons.push(...[...text.matchAll(/"reason":\{"S":("(?:[^"\\]|\\.)*")\}/g)].map(([, json]) => JSON.parse(json ?? '""') as string));
      },
    },
  });
  await attack();
});
afterAll(async () => {
  await chain.remove();
  await folders.remove();
  await endpoint.close();
});

/** Says each payload wherever a stranger may say something. */
async function attack(): Promise<void> {
  const { signed, plain, asPlayer } = chain.api;
  const event = (id: string, type: string, subject: string, data: object) =>
    signed('/v1/events', { headers: { 'content-type': 'application/cloudevents+json' }, body: { specversion: '1.0', id, source: id, type, subject, time: new Date(Date.now() - 1000).toISOString(), data } });
  for (const [index, payload] of payloads.entries()) {
    const accountId = `player-${index}`;
    const login = { accountId, ip: '8.8.8.8', id: short(payload), product: short(payload), sessionId: short(payload), device: { id: short(payload), userAgent: short(payload, 512) } };
    expect((await signed('/v1/logins', { body: login })).status).toBe(202);
    accepted += 1;
    for (const bad of [{ ...login, accountId: payload }, { ...login, ip: payload }, { ...login, outcome: payload }, { ...login, [payload]: payload }]) expect((await signed('/v1/logins', { body: bad })).status).toBe(400);
    const header = visible(short(payload)).replaceAll(/[^\x20-\x7e]/g, '');
    await signed('/v1/logins', { body: '{', headers: { 'user-agent': header, 'x-forwarded-for': header, referer: header, 'x-amzn-trace-id': header } });
    await signed('/v1/logins', { body: '{', headers: { 'content-type': header } });
    expect((await event(short(payload), matchEnded.type, accountId, { matchId: String(index), said: payload })).status).toBe(202);
    expect((await event(short(payload), payload, accountId, {})).status).toBe(400);
    await event(short(payload), 'loginward.contact.changed.v1', accountId, { email: payload });
    expect((await asPlayer(accountId, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses: { login_abroad: ['email', 'lock'], new_country: ['email'], unlocated: ['none'] } } })).status).toBe(200);
    const path = encodeURIComponent(payload);
    for (const answer of [
      await signed(`/v1/accounts/${path}/logins`), await signed(`/v1/accounts/${accountId}/logins?cursor=${path}`), await signed(`/v1/accounts/${accountId}/logins?${path}=${path}`),
      await asPlayer(accountId, `/v1/me/verdicts/${path}`), await asPlayer(accountId, `/v1/me/logins/${path}/dispute`, { method: 'POST' }), await asPlayer(accountId, '/v1/me/trips', { method: 'POST', body: { countries: [payload] }, amr: [short(payload, 64)] }),
      await plain('/v1/unlock-challenges/verify', { body: { challengeId: payload, code: payload } }), await plain(`/v1/not-me?token=${path}`, { method: 'POST' }),
    ]) expect(answer.status).toBeLessThan(500);
    for (const name of services.flatMap(({ name, consumer }) => (consumer ? [name] : []))) chain.local.send(`loginward-local-${name}-queue`, index % 2 === 0 ? payload : JSON.stringify({ specversion: '1.0', id: payload, source: payload, type: payload, subject: payload, time: payload, data: payload }));
  }
  await chain.settled();
  for (const [index, payload] of payloads.entries()) {
    const accountId = `lock-${index}`;
    await asPlayer(accountId, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses: { login_abroad: ['email', 'lock'], new_country: ['email'], unlocated: ['none'] } } });
    await signed('/v1/logins', { body: { accountId, ip: '8.8.8.8' } });
    accepted += 1;
    while ((await signed(`/v1/accounts/${accountId}/standing`)).body.state !== 'locked') await delay(50);
    expect((await signed(`/v1/accounts/${accountId}/unlock`, { body: { reason: short(payload, 512) } })).status).toBe(200);
  }
  await chain.settled();
}

describe('what strangers say', () => {
  it('begins no line in a log, and changes none', async () => {
    const folder = join(chain.data, 'logs');
    let lines = 0;
    for (const file of await readdir(folder)) {
      const text = await readFile(join(folder, file), 'utf8');
      const service = services.map(({ name }) => name).find((name) => basename(file).startsWith(`loginward-local-${name}`));
      expect(text, file).not.toContain(mark);
      for (const line of text.split('\n').filter((each) => each !== '')) {
        lines += 1;
        expect(line, file).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
        const { _aws, service: by, level, env } = JSON.parse(line) as Record<string, unknown>;
        expect(by, line).toBe(service);
        if (_aws === undefined) expect(['INFO', 'WARN', 'ERROR'], line).toContain(level);
        else expect(env).toBe('local');
      }
    }
    expect(lines).toBeGreaterThan(100);
  });

  it('makes no metric, and counts for none', async () => {
    const folder = join(chain.data, 'logs');
    const values = (await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')))).flatMap((text) => text.split('\n').flatMap(readEmf));
    for (const { metric } of values) {
      expect(metric.namespace).toBe(metricsNamespace);
      expect(Object.keys(metrics)).toContain(metric.name);
      for (const value of Object.values(metric.dimensions)) expect(value).toMatch(/^[A-Za-z0-9_-]+$/);
    }
    const logins = values.filter(({ metric }) => metric.name === 'LoginsAccepted').flatMap((each) => each.values);
    expect(logins.reduce((sum, value) => sum + value, 0)).toBe(accepted);
  });

  it('is kept where it is data: the reason of support, as it was given', () => {
    for (const payload of payloads) expect(reasons).toContain(short(payload, 512).toWellFormed());
  });

  it('is text in every page', async () => {
    for (const payload of payloads.filter((each) => each.includes('<'))) {
      for (const path of [`/v1/not-me?token=${encodeURIComponent(payload)}`, `/local/issuer/authorize?state=${encodeURIComponent(payload)}&client_id=${encodeURIComponent(payload)}`]) {
        const page = await (await fetch(`${chain.local.url}${path}`)).text();
        expect(page, path).toContain('<!doctype html>');
        expect(page, path).not.toMatch(/<script>alert|<img/);
      }
    }
    for (const path of ['/', '/console']) expect((await fetch(`${chain.local.url}${path}`)).headers.get('content-security-policy'), path).toMatch(/script-src 'self'(?!.*unsafe)/);
    const files = (await readdir(join(root, 'pages'), { recursive: true })).filter((file) => /\.tsx?$/.test(file));
    for (const file of files) {
      const text = await readFile(join(root, 'pages', file), 'utf8');
      expect(text, file).not.toMatch(/dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function\(/i);
    }
  });
});

describe('what operators see', () => {
  const run = async (name: string, ...args: string[]): Promise<string> => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(root, 'bin', `${name}.ts`), ...args], { cwd: root }).catch((error: { stdout: string; stderr: string }) => error);
    return stdout + stderr;
  };
  /** Nothing that moves a cursor, colours, hides or turns round. */
  const safe = /^(?:\n|[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}])*$/u;

  it('of dead letters moves no cursor, and hides nothing', async () => {
    const deadLetters = 'loginward-local-http-bridge-matches-dead-letters';
    while (chain.local.peek(deadLetters).length < payloads.length) await delay(200);
    const words = ['--local', chain.local.url];
    const outputs = await Promise.all([run('dlq', 'list', ...words), run('dlq', 'show', 'http-bridge-matches', '--words', ...words), run('dlq', 'show', 'login-logger', ...words), run('dlq', 'show', payloads[3]?.replaceAll('\0', '') ?? '', ...words)]);
    for (const output of outputs) expect(output).toMatch(safe);
    expect(outputs[1]).toContain(mark);
  });

  it('of a login’s way moves no cursor, and hides nothing', async () => {
    const data = await mkdtemp(join(tmpdir(), 'loginward-way-'));
    const loginId = '01a1fd04-3dd9-7656-8240-37297dbc23b8';
    const line = (reason: string) => JSON.stringify({ message: 'Event', timestamp: new Date().toISOString(), service: 'ip-checker', eventType: 'loginward.login.submitted.v1', loginId, outcome: 'failed', reason });
    await mkdir(join(data, 'logs'));
    await writeFile(join(data, 'logs', 'x.log'), payloads.map((payload) => `${line(payload)}\n`).join(''));
    const outputs = await Promise.all([run('trace', loginId, '--local', data), run('trace', loginId, '--json', '--local', data)]);
    for (const output of outputs) {
      expect(output).toMatch(safe);
      expect(output).toContain(mark);
    }
    // As JSON it is still what it was.
    expect((JSON.parse(outputs[1] ?? '') as { stages: { reason: string }[] }).stages.map(({ reason }) => reason).toSorted()).toEqual(payloads.toSorted());
    await rm(data, { recursive: true });
  });
});
