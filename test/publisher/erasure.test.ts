import { expect, it } from 'vitest';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { eraseAccount, outsideEventSchema } from '../../lambdas/publisher/handler.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { client } from '../support/requests.ts';

const outsideEvent = await outsideEventSchema([]);

const route = 'DELETE /v1/accounts/{accountId}';

it("the canary's account is not erased, because nobody would watch the chain for 30 days; any other is", async () => {
  const bus = memoryBus();
  const services = { publisher: bus, now: () => new Date('2026-11-21T00:00:00Z'), random: () => new Uint8Array(16), outsideEvent, traceSampling: 1, telemetry: memoryTelemetry() };
  const { call } = client({ [route]: eraseAccount }, services);
  const erase = (accountId: string) => call({ route, path: { accountId } });
  const { status, body } = await erase(canaryAccount);
  expect([status, body.type, body.detail]).toEqual([409, 'https://loginward.dev/problems/conflict', expect.stringContaining('loginward.canary is reserved')]);
  expect(bus.published).toEqual([]);
  expect((await erase('player-7')).status).toBe(202);
  expect(bus.published).toMatchObject([{ subject: 'player-7' }]);
});
