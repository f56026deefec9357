import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { judge } from '../../lambdas/account-security/handler.ts';
import { checkAccess } from '../../lambdas/account-standing/routes.ts';
import { definitionOf, type MetricName, metrics } from '../../lambdas/contracts/metrics.ts';
import { response, trigger } from '../../lambdas/contracts/primitives.ts';
import { geoDatabaseAge, locate, type Services as GeoServices } from '../../lambdas/ip-checker/handler.ts';
import { recordLogin, type Services as LoggerServices } from '../../lambdas/login-logger/handler.ts';
import { outsideEventSchema, postLogins } from '../../lambdas/publisher/handler.ts';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import type { Handlers } from '../../lambdas/runtime/consumer.ts';
import { powertools } from '../../lambdas/runtime/telemetry.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { eventOf, geoDatabase, locatedLogin } from '../support/logins.ts';
import { memoryBus, memoryTelemetry, queueConsumer, sqsRecord } from '../support/records.ts';
import { client } from '../support/requests.ts';
import { defaults, judgeServices, loggerServices, standingServices } from '../support/services.ts';

const outsideEvent = await outsideEventSchema([]);

const now = new Date('2026-11-21T12:00:00Z');
const env = 'dev';

describe('every metric of the table', () => {
  const sources = readdirSync('lambdas', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== join('contracts', 'metrics.ts'))
    .map((file) => readFileSync(join('lambdas', file), 'utf8'))
    .join('\n');

  it.each(Object.keys(metrics))('%s is written by some function', (name) => {
    expect(sources).toMatch(new RegExp(`'${name}'|\\b${name}: \\(`));
  });
});

describe('what services count', () => {
  let database: TestTables;
  beforeAll(async () => {
    database = await startTables();
  });
  afterAll(() => database.close());
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Everything that telemetry writes on standard output, from now on. */
  function output(): string[] {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
    return written;
  }

  const countries = ['US', 'JP', 'DE', null, 'KR'];
  const countryOf = (ip: string) => countries[Number(ip.split('.')[3]) % countries.length];

  /** A whole day's attack in small: each login from another account and another address. Only as many as tables take in some seconds get that far. */
  async function attack(accounts: number, judged: number): Promise<void> {
    const bus = memoryBus();
    const publisher = powertools({ env, service: 'publisher' });
    const { call } = client({ 'POST /v1/logins': postLogins }, {
      publisher: bus,
      now: () => now,
      random: () => crypto.getRandomValues(new Uint8Array(16)),
      outsideEvent,
      traceSampling: 0.01,
      telemetry: publisher,
    });
    for (let first = 0; first < accounts; first += 100) {
      const body = Array.from({ length: 100 }, (_, index) => first + index).map((each) => ({ accountId: `victim-${each}`, ip: `100.${each >> 16}.${(each >> 8) & 255}.${each & 255}` }));
      expect((await call({ route: 'POST /v1/logins', body })).status).toBe(202);
      publisher.flush();
    }
    const located = await through<GeoServices>('ip-checker', { 'login.submitted': locate }, { geoDatabase: { identity: geoDatabase, countryOf } }, bus.published, geoDatabaseAge);
    const logger = powertools({ env, service: 'login-logger' });
    const services: LoggerServices = { ...loggerServices(database.tables, () => now), telemetry: logger };
    const recorded = await through('login-logger', { 'login.located': recordLogin }, services, located.slice(0, judged), undefined, logger);
    const security = powertools({ env, service: 'account-security' });
    const severe = { ...defaults, responses: { login_abroad: ['sms' as const, 'kick' as const], new_country: ['email' as const], unlocated: ['lock' as const] } };
    await through('account-security', { 'login.recorded': judge }, { ...judgeServices(database.tables, severe), telemetry: security }, recorded, undefined, security);
  }

  /** Has a service's consumer take events in batches. @returns what followed */
  async function through<S>(service: string, handlers: Handlers<S>, services: S, events: readonly CloudEvent[], measures?: typeof geoDatabaseAge, telemetry = powertools({ env, service })): Promise<CloudEvent[]> {
    const bus = memoryBus();
    const batch = measures ? 50 : 10;
    const run = queueConsumer({ service, handlers, services, publisher: bus, telemetry, now: () => now, ...(measures && { measures: measures as never }) });
    for (let first = 0; first < events.length; first += batch) {
      await run({ Records: events.slice(first, first + batch).map((event, index) => sqsRecord(`${first + index}`, JSON.stringify(event))) });
    }
    return bus.published;
  }

  /** Each metric with its dimensions, as CloudWatch would bill it. */
  function combinations(written: readonly string[]): Set<string> {
    const lines = written.join('').split('\n').filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line) as Record<string, unknown>);
    return new Set(
      lines.flatMap((line) =>
        Object.keys(line).filter((name): name is MetricName => name in metrics).map((name) => {
          const { by } = definitionOf(name);
          return [name, line['env'], line['service'], by === undefined ? '' : line[by]].join(' ');
        }),
      ),
    );
  }

  it('makes no more metrics for 10,000 accounts and addresses than for 100, and tells none of them', async () => {
    const few = output();
    await attack(100, 50);
    vi.restoreAllMocks();
    const many = output();
    await attack(10_000, 150);
    // A slow machine may have some come back.
    const made = (written: readonly string[]) => [...combinations(written)].filter((each) => !each.startsWith('Failed ')).toSorted();
    expect(made(many)).toEqual(made(few));
    expect(combinations(many).size).toBeLessThan(30);
    for (const each of combinations(many)) {
      const [name, , , value = ''] = each.split(' ');
      const { by } = definitionOf(name as MetricName);
      if (by === 'trigger') expect(trigger.options).toContain(value);
      if (by === 'response') expect(response.options).toContain(value);
      if (by === 'country') expect(['none', ...countries]).toContain(value);
    }
    expect(many.join('')).not.toMatch(/victim|100\.0\.|100\.1\./);
  });

  it('are the country of a notable login, its triggers and what is asked for: once, however often it is delivered', async () => {
    const telemetry = memoryTelemetry();
    const counts = () => Object.fromEntries([...telemetry.counts].filter(([name]) => name.includes(' ')));
    const services = { ...judgeServices(database.tables, { ...defaults, responses: { ...defaults.responses, login_abroad: ['sms', 'kick'] } }), telemetry };
    const login = locatedLogin('counted', 'one', now, { country: 'JP' });
    const record = () => recordLogin(eventOf('login.located', 'counted', login), { ...loggerServices(database.tables, () => now), telemetry });
    const drafts = await record();
    await record();
    for (let time = 0; time < 3; time += 1) {
      for (const { data } of drafts) await judge(eventOf('login.recorded', 'counted', data), services);
    }
    expect(counts()).toEqual({ 'LoginsByCountry JP': 1, 'Verdicts login_abroad': 1, 'ActionsRequested sms': 1, 'ActionsRequested kick': 1 });
    // Judged again, because the player says it was not theirs: only what holds now and did not before counts, however often it is delivered.
    for (let time = 0; time < 2; time += 1) {
      for (const { data } of drafts) await judge(eventOf('login.recorded', 'counted', { ...data, history: { ...data.history, disputedAt: now.toISOString() } }), services);
    }
    expect(counts()).toEqual({ 'LoginsByCountry JP': 1, 'Verdicts login_abroad': 1, 'Verdicts disputed': 1, 'ActionsRequested sms': 1, 'ActionsRequested kick': 1, 'ActionsRequested lock': 1 });
  });

  it('are access checks by their decision, with the time that each took, and requests that were refused or failed', async () => {
    const telemetry = memoryTelemetry();
    const standing = standingServices(database.tables, () => now);
    const locked = { kind: 'lock' as const, at: now.toISOString(), reason: 'login' as const };
    await standing.standings.change('locked', (before) => ({ ...before, lock: locked }));
    let clock = now.getTime();
    const trouble = { isDown: false };
    const services = {
      standings: { ...standing.standings, find: (accountId: string) => (trouble.isDown ? Promise.reject(new Error('down')) : standing.standings.find(accountId)) },
      geoDatabase: { countryOf: () => 'KR' },
      defaults,
      mode: 'enforce' as const,
      publisher: memoryBus(),
      telemetry,
      accountClaim: 'sub',
      newId: () => 'id',
      now: () => new Date((clock += 5)),
    };
    const { call, telemetry: runtime } = client({ 'POST /v1/access-checks': checkAccess }, services);
    const check = (body: object) => call({ route: 'POST /v1/access-checks', body });
    const decisions = [await check({ accountId: 'locked', ip: '1.201.1.1' }), await check({ accountId: 'free', ip: '1.201.1.1' })].map(({ body }) => body.decision);
    expect(decisions).toEqual(['deny', 'allow']);
    expect(Object.fromEntries(telemetry.counts)).toEqual({ AccessDenied: 1, AccessAllowed: 1 });
    expect(telemetry.measures.get('AccessCheckTime')).toHaveLength(2);
    for (const time of telemetry.measures.get('AccessCheckTime') ?? []) expect(time).toBeGreaterThan(0);
    expect([...runtime.counts]).toEqual([]);
    await check({ accountId: 'free' });
    trouble.isDown = true;
    await check({ accountId: 'free', ip: '1.201.1.1' });
    expect(Object.fromEntries(runtime.counts)).toEqual({ RequestRefused: 1, RequestFailed: 1 });
    // Only what is ours to mend is a check that failed.
    expect(telemetry.counts.get('AccessCheckFailed')).toBe(1);
  });
});
