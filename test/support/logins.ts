import type { Event, EventData } from '../../lambdas/contracts/events.ts';
import { type EventName, eventType } from '../../lambdas/contracts/names.ts';
import type { LocatedLogin } from '../../lambdas/contracts/verdict.ts';
import { derivedId, loginIdOf } from '../../lambdas/runtime/ids.ts';

export const geoDatabase = { name: 'test', buildDate: '2026-11-01T00:00:00.000Z' };

/** A located login of an account; `id` and moment make its loginId. */
export function locatedLogin(accountId: string, id: string, occurredAt: Date, more: Partial<LocatedLogin> = {}): LocatedLogin {
  return {
    loginId: loginIdOf({ accountId, id, occurredAt }, () => new Uint8Array(16)),
    ip: '8.8.8.8',
    occurredAt: occurredAt.toISOString(),
    outcome: 'success',
    country: 'US',
    geoDatabase,
    ...more,
  };
}

/** An event of ours, as it lies on the bus. */
export function eventOf<N extends EventName>(name: N, subject: string, data: EventData<N>, time = new Date(0)): Event<N> {
  return {
    specversion: '1.0',
    id: derivedId(JSON.stringify(data), name, subject),
    source: 'test',
    type: eventType(name),
    subject,
    time: time.toISOString(),
    data,
  } as Event<N>;
}
