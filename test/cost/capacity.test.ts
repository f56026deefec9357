import { describe, expect, it } from 'vitest';
import { needs, peak, type Rate, rounded, stageNeeds } from '../../bin/cost/capacity.ts';
import { prices, type Region } from '../../bin/cost/prices.ts';
import { quotas } from '../../bin/cost/quotas.ts';
import { services } from '../../lib/services.ts';
import { settingsSchema } from '../../lib/settings.ts';

const regions = Object.keys(prices) as Region[];
const quiet: Rate = { loginsPerSecond: 120, abroad: 0.01, batch: 10 };
const whatOf = (stages: readonly { readonly stage: string }[]) => stages.map(({ stage }) => stage);

describe('what a rate of logins takes', () => {
  it('is what the defaults have at 10 million logins a day', () => {
    for (const region of regions) expect(needs(quiet, region).filter(({ todo }) => todo !== '')).toEqual([]);
  });

  it('grows with the rate, and is spread over as many requests as there are batches', () => {
    const [once, twice] = [stageNeeds(peak), stageNeeds({ ...peak, loginsPerSecond: 2 * peak.loginsPerSecond })];
    expect(whatOf(twice)).toEqual(whatOf(once));
    for (const [index, stage] of once.entries()) {
      expect(twice[index]?.concurrency).toBeCloseTo(2 * stage.concurrency, 6);
      expect(twice[index]?.milliseconds).toBeCloseTo(stage.milliseconds, 6);
      expect(stage.invocationsPerSecond * (stage.milliseconds / 1000)).toBeCloseTo(stage.concurrency, 6);
    }
    const [single] = stageNeeds({ ...peak, batch: 1 });
    expect(single?.invocationsPerSecond).toBe(peak.loginsPerSecond);
  });

  it('says of everything that stops 15,000 logins a second what to raise it to', () => {
    for (const region of regions) {
      const all = needs(peak, region);
      for (const { what, need, default: most, todo } of all) if (need > most) expect(todo, what).not.toBe('');
      for (const { stage, concurrency, maxConcurrency = Number.POSITIVE_INFINITY } of stageNeeds(peak)) {
        const { todo } = all.find(({ what }) => what === `batches of ${stage} at once`) ?? { todo: '' };
        if (concurrency <= maxConcurrency) continue;
        const [, setting = ''] = /^maxConcurrency: (.*)$/.exec(todo) ?? [];
        expect(settingsSchema.parse({ maxConcurrency: setting }).maxConcurrency[stage], todo).toBeGreaterThanOrEqual(concurrency);
      }
    }
  });

  it('knows where each quota was read, and no stage that the table of services does not have', () => {
    for (const { page } of Object.values(quotas)) expect(page).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    expect(services.map(({ name }) => name)).toEqual(expect.arrayContaining(whatOf(stageNeeds(peak))));
  });

  it('asks for round figures, and never for less', () => {
    expect([7, 23.4, 101, 1999, 33_000 * 1.5].map(rounded)).toEqual([7, 24, 110, 2000, 50_000]);
  });
});
