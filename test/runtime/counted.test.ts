import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CloudEvent } from '../../lambdas/contracts/cloud-event.ts';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { variables } from '../../lambdas/contracts/names.ts';
import { counted } from '../../lambdas/runtime/counted.ts';
import { httpFunction } from '../../lambdas/runtime/lambda-http.ts';
import type { Publisher } from '../../lambdas/runtime/publisher.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';

const event = (id: string, subject = 'player-7'): CloudEvent => ({ specversion: '1.0', id, source: 'publisher', type: 'loginward.login.submitted.v1', subject, time: '2026-11-21T00:00:00Z', data: {} });

describe('what functions of HTTP routes count of the bus', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('is counted for each of them, by the runtime', async () => {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
    vi.stubEnv(variables.env, 'dev');
    const handler = httpFunction<{ publisher: Publisher }>({
      service: 'account-standing',
      routes: {
        'POST /v1/things': async (_, { publisher }) => {
          await publisher.publish([event('good'), event('bad')]);
          return { status: 200 };
        },
      },
      publisher: () => memoryBus(({ id }) => id === 'bad'),
      services: (_env, _telemetry, publisher) => ({ publisher }),
    });
    await handler({ routeKey: 'POST /v1/things', headers: {}, requestContext: { http: {} } } as APIGatewayProxyEventV2, {} as Context);
    expect(JSON.parse(written.join(''))).toMatchObject({ service: 'account-standing', Emitted: 1, Unconfirmed: 1 });
  });

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
