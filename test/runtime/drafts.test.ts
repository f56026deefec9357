import { describe, expect, it } from 'vitest';
import { compose, type Draft, requestOf } from '../../lambdas/runtime/drafts.ts';
import { isSampled } from '../../lambdas/runtime/trace.ts';
import { locatedLogin } from '../support/logins.ts';

const now = new Date('2026-11-21T00:00:00.000Z');
const located: Draft = { name: 'login.located', data: locatedLogin('player-7', 'one', now) };
const recorded: Draft = { name: 'login.recorded', data: { login: located.data, history: {} } };
const changed: Draft = { name: 'password.changed', data: { changedAt: now.toISOString() } };
const parent = { id: 'parent', subject: 'player-7', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00` };

describe('what follows from an event or a request', () => {
  it('goes back to the moment in which the request, or what the event goes back to, was accepted', () => {
    const first = compose(changed, requestOf('request', 'player-7', now), 'test', new Date(now.getTime() + 1000));
    expect([first.acceptedtime, first.time]).toEqual([now.toISOString(), '2026-11-21T00:00:01.000Z']);
    expect(compose(changed, first, 'test', new Date(now.getTime() + 60_000)).acceptedtime).toBe(now.toISOString());
    expect(compose(changed, parent, 'test', now)).not.toHaveProperty('acceptedtime');
  });

  it('is sampled as its parent is; a notable login, and what players do, always', () => {
    expect([located, changed, recorded].map((draft) => isSampled(compose(draft, parent, 'test', now).traceparent))).toEqual([false, false, true]);
    const challenge: Draft = { name: 'challenge.verified', data: { challenge: 'c'.repeat(43), verifiedAt: now.toISOString(), channel: 'email', purpose: 'unlock' } };
    expect(isSampled(compose(challenge, parent, 'test', now).traceparent)).toBe(true);
    expect(compose(challenge, parent, 'test', now).traceparent).toContain('1'.repeat(32));
  });
});
