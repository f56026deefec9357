import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { makeFire, waitFor } from './fault.ts';
import { switchboard } from './switchboard.ts';

const publisher = 'loginward-local-publisher-api';
const alarms = ['loginward-local-canary-missing', 'loginward-local-operations-chain-stands-still'];

describe('the canary', () => {
  const board = switchboard();
  let chain: LocalChain;
  beforeAll(async () => {
    // A minute lasts five seconds: the canary's login needs some of them for its way, which no clock makes shorter.
    chain = await startLocalChain({ minuteMilliseconds: 5000, trouble: board.trouble });
  });
  afterAll(() => chain.remove());

  it('that does not arrive makes two alarms fire, its own and, while a stage is in alarm, the one of the whole chain', { timeout: 300_000 }, async () => {
    const { cloudWatch } = chain.local;
    const well = { what: 'the start', alarms };
    await waitFor(well, cloudWatch, 'OK');
    const fault = {
      what: 'publisher has no concurrency left',
      alarms: [...alarms, `${publisher}-throttles`],
      cause: () => {
        board.throttled.add(publisher);
        return chain.api.signed('/v1/logins', { body: { accountId: 'ann', ip: '8.8.8.8' } });
      },
      mend: () => board.throttled.clear(),
    };
    await makeFire(fault, cloudWatch);
    expect(cloudWatch.alarms().find(({ name }) => name === alarms[1])?.reason).toContain('loginward-local-canary-missing, loginward-local-publisher-api-throttles');
    await waitFor(fault, cloudWatch, 'OK');
  });
});
