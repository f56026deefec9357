import { expect, it } from 'vitest';
import { publishWithTokens } from '../support/tokens.ts';

it('re-authentication every 10 s for 2 minutes of load fails no publish', async () => {
  const { failed, published, tokens, found } = await publishWithTokens({ reauthMilliseconds: 10_000, seconds: 120 });
  console.log(`${published} events published in 2 minutes, ${failed} failed, ${found} in the topic; ${tokens} tokens shown`);
  expect(failed).toBe(0);
  expect(found).toBe(published);
  expect(tokens).toBeGreaterThanOrEqual(12);
});
