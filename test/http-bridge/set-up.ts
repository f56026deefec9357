import { eventData } from '../../lambdas/contracts/events.ts';
import { eventType } from '../../lambdas/contracts/names.ts';
import { type Breaker, type Breakers, closedBreaker } from '../../lambdas/http-bridge/breaker.ts';
import type { CourierParts } from '../../lambdas/http-bridge/courier.ts';
import { NoAnswerError } from '../../lambdas/http-bridge/endpoint.ts';

const completedType = eventType('action.completed');

/** A clock that the test moves. */
interface Clock {
  now: number;
}

/** How the endpoint treats one request: a status, or `hang`; `kicked` is a reply that says so, and `bug` a failure of our own. */
export type Treatment = number | 'hang' | 'bug' | 'kicked' | { status: number; retryAfter: string };

interface Options {
  readonly clock: Clock;
  readonly treat: (id: string) => Treatment;
  readonly paused?: boolean | undefined;
  readonly holdDays?: number | undefined;
}

/** A subscription, which a test may pause, and an endpoint that keeps what came to it. */
export function subscriptionTo({ clock, treat, paused = false, holdDays = 10 }: Options) {
  const posts: { id: string; at: number }[] = [];
  const delivered: string[] = [];
  const atOnce = { now: 0, most: 0 };
  const subscription = { name: 'game', mode: 'streaming' as const, timeoutSeconds: 10, holdDays, paused };
  const services: CourierParts['services'] = {
    subscription,
    emits: new Map([[completedType, eventData['action.completed']()]]),
    secrets: () => Promise.resolve([]),
    now: () => new Date(clock.now),
    endpoint: {
      post: async (body) => {
        const { id } = JSON.parse(body) as { id: string };
        posts.push({ id, at: clock.now });
        atOnce.now += 1;
        atOnce.most = Math.max(atOnce.most, atOnce.now);
        // Whoever else is to come at once has come by then.
        await new Promise((resolve) => setImmediate(resolve));
        atOnce.now -= 1;
        const treatment = treat(id);
        if (treatment === 'bug') throw new TypeError('bug');
        if (treatment === 'hang') {
          clock.now += 10_000;
          throw new NoAnswerError('time-out');
        }
        if (treatment === 'kicked') {
          delivered.push(id);
          const reply = { specversion: '1.0', type: completedType, data: { actionId: id, outcome: 'done' } };
          return { status: 200, headers: { 'content-type': 'application/cloudevents+json' }, body: Buffer.from(JSON.stringify(reply)) };
        }
        const { status, retryAfter } = typeof treatment === 'number' ? { status: treatment, retryAfter: undefined } : treatment;
        if (status === 204) delivered.push(id);
        return { status, headers: { 'retry-after': retryAfter }, body: Buffer.from('no') };
      },
    },
  };
  return { subscription, services, posts, delivered, atOnce };
}

/** A breaker in memory, which a test may look at and change. */
export function memoryBreakers(): { readonly store: { breaker: Breaker }; readonly breakers: Breakers } {
  const store: { breaker: Breaker } = { breaker: closedBreaker };
  return {
    store,
    breakers: {
      read: () => Promise.resolve(store.breaker),
      replace: ({ revision }, next) => {
        if (revision !== store.breaker.revision) return Promise.resolve(false);
        store.breaker = { ...next, revision: revision + 1 };
        return Promise.resolve(true);
      },
    },
  };
}
