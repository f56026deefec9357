import { readFile } from 'node:fs/promises';
import { parse } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deployed } from '../../bin/cost/deployed.ts';
import { daysPerMonth, estimate, serviceOf, sumsBy, totalOf, type Volume } from '../../bin/cost/estimate.ts';
import { everyLogin, loginFromAbroad, storedBytes } from '../../bin/cost/measured.ts';
import { originalServers } from '../../bin/cost/original.ts';
import { type Item, prices, type Region } from '../../bin/cost/prices.ts';
import { domestic, promised, scenarios } from '../../bin/cost/scenarios.ts';
import { bytesOf, typicalAccount, typicalLogin } from '../../bin/cost/typical.ts';
import { itemOf } from '../../lambdas/login-logger/item.ts';
import { services } from '../../lib/services.ts';
import { settingsSchema } from '../../lib/settings.ts';

const idle: Volume = { loginsPerDay: 0, abroad: 0.05, batch: 10, accessChecksPerDay: 0, region: 'us-east-1', bus: 'sns' };
const volumes = fc.record<Volume>({
  loginsPerDay: fc.nat(1e9),
  abroad: fc.nat(1000).map((thousandths) => thousandths / 1000),
  batch: fc.integer({ min: 1, max: 100 }),
  accessChecksPerDay: fc.nat(1e9),
  region: fc.constantFrom(...(Object.keys(prices) as Region[])),
  bus: fc.constantFrom('sns', 'kafka'),
});

describe('npm run cost', () => {
  it('costs more for more logins, more of them from abroad, more access checks and smaller batches', () => {
    const more = fc.double({ min: 1, max: 10, noNaN: true });
    fc.assert(
      fc.property(volumes, more, (volume, factor) => {
        const least = totalOf(estimate(volume)) * (1 - 1e-9);
        const dearer: Partial<Volume>[] = [
          { loginsPerDay: volume.loginsPerDay * factor },
          { accessChecksPerDay: volume.accessChecksPerDay * factor },
          { abroad: Math.min(1, volume.abroad * factor) },
          { batch: Math.max(1, Math.floor(volume.batch / factor)) },
        ];
        for (const change of dearer) expect(totalOf(estimate({ ...volume, ...change })), JSON.stringify(change)).toBeGreaterThanOrEqual(least);
      }),
    );
  });

  it('is the sum of its lines, by service of AWS and by stage', () => {
    fc.assert(
      fc.property(volumes, (volume) => {
        const lines = estimate(volume);
        for (const { dollarsPerDay, unitsPerDay } of lines) expect(Math.min(dollarsPerDay, unitsPerDay)).toBeGreaterThan(0);
        for (const keyOf of [serviceOf, ({ stage }: { stage: string }) => stage]) {
          const sum = [...sumsBy(lines, keyOf).values()].reduce((a, b) => a + b, 0);
          expect(sum / totalOf(lines)).toBeCloseTo(1, 9);
        }
      }),
    );
  });

  it('costs without logins what the README says of an idle deployment', async () => {
    const readme = await readFile('README.md', 'utf8');
    const lines = estimate(idle);
    const monthly = (item?: Item) => totalOf(lines.filter((line) => item === undefined || line.item === item)) * daysPerMonth;
    const dollars = (amount: number) => `$${amount.toFixed(2).replace(/\.00$/, '')}`;
    expect(readme).toContain(`**Idle it costs about $${Math.round(monthly())} a month**`);
    expect(readme).toContain(`${dollars(monthly('dashboardMonth'))} for ${deployed.dashboards} dashboards`);
    expect(readme).toContain(`${dollars(monthly('alarmMonth'))} for alarms on ${deployed.alarmMetrics} metrics`);
  });

  it('stays below the promise for 10 million logins a day, none from abroad, in us-east-1', () => {
    expect(domestic).toMatchObject({ loginsPerDay: 10_000_000, abroad: 0, region: 'us-east-1', bus: 'sns' });
    expect(totalOf(estimate(domestic))).toBeLessThanOrEqual(promised);
    expect(scenarios()[0]).toMatchObject({ volume: domestic, dollarsPerDay: totalOf(estimate(domestic)) });
  });

  it('counts the bytes that the item of a typical login takes, and the 100 that DynamoDB adds', () => {
    const login = typicalLogin();
    const item = marshall(itemOf(typicalAccount, login.loginId, login), { removeUndefinedValues: true });
    expect(bytesOf(item) + 100).toBe(storedBytes.everyLogin);
    expect(login.geoDatabase.name).toBe(parse(settingsSchema.parse({}).geoDatabase).name);
    // Nothing that may be posted is missing in it.
    expect(Object.keys(login).toSorted()).toEqual(['country', 'device', 'geoDatabase', 'ip', 'loginId', 'occurredAt', 'outcome', 'product', 'sessionId']);
  });

  it('measures items as DynamoDB does', () => {
    const item = { n: 1.5, long: 1_234_567_000, s: 'né', yes: true, list: ['a', 'b'], map: { a: 'b' } };
    const values = 2 + 5 + 3 + 1 + (3 + 2 + 2) + (3 + 1 + 2);
    expect(bytesOf(marshall(item))).toBe(values + Object.keys(item).join('').length);
  });

  it('logs as little of Lambda’s own, and for as long, as the settings’ defaults say', () => {
    expect(settingsSchema.parse({})).toMatchObject({ lambdaReports: false, logRetentionDays: deployed.logRetentionDays });
  });

  it('compares with servers that have what the original system had', () => {
    for (const region of Object.keys(prices) as Region[]) expect(originalServers(region)).toMatchObject({ vcpu: 64, gib: 272 });
  });

  it('knows every stage by the table of services', () => {
    const names = services.map(({ name }) => name);
    for (const { stage } of [...everyLogin, ...loginFromAbroad]) expect(names).toContain(stage);
  });
});
