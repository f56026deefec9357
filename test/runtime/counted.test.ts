import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { counted } from '../../lambdas/publisher/counted.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';

const event = (id: string, subject = 'player-7'): CloudEvent => ({ specversion: '1.0', id, source: 'publisher', type: 'loginward.login.submitted.v1', subject, time: '2026-11-21T00:00:00Z', data: {} });

describe('what publisher counts of the bus', () => {
  it('is what was confirmed and what was not, and hands on which', async () => {
    const telemetry = memoryTelemetry();
    const [good, bad] = [event('good'), event('bad')];
    const unconfirmed = await counted(memoryBus(({ id }) => id === 'bad'), telemetry).publish([good, bad]);
    expect([...unconfirmed.keys()]).toEqual([bad]);
    expect([telemetry.counts.get('Emitted'), telemetry.counts.get('Unconfirmed')]).toEqual([1, 1]);
  });

  it('leaves the canary out, unless the bus does not confirm it', async () => {
    const telemetry = memoryTelemetry();
    await counted(memoryBus(), telemetry).publish([event('canary', canaryAccount)]);
    expect([telemetry.counts.get('Emitted') ?? 0, telemetry.counts.get('Unconfirmed') ?? 0]).toEqual([0, 0]);
    await counted(memoryBus(() => true), telemetry).publish([event('canary', canaryAccount)]);
    expect(telemetry.counts.get('Unconfirmed')).toBe(1);
  });
});
