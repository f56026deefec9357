import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deployed } from '../../bin/cost/deployed.ts';
import { daysPerMonth, estimate, serviceOf, sumsBy, totalOf, type Volume } from '../../bin/cost/estimate.ts';
import { everyLogin, loginFromAbroad } from '../../bin/cost/measured.ts';
import { type Item, prices, type Region } from '../../bin/cost/prices.ts';
import { services } from '../../lib/services.ts';

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

  it('knows every stage by the table of services', () => {
    const names = services.map(({ name }) => name);
    for (const { stage } of [...everyLogin, ...loginFromAbroad]) expect(names).toContain(stage);
  });
});
