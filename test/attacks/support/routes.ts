import type { Attack, Attacker, Reply } from './attacker.ts';

/** A route that takes a body: who calls it, and a body that it takes. */
export interface BodyRoute {
  readonly method: string;
  readonly path: string;
  readonly as: 'iam' | 'player' | 'public';
  readonly type: string;
  /** Without a moment in it that grows old. */
  readonly good: Readonly<Record<string, unknown>>;
  /** What it answers to that. */
  readonly status: number;
}

const event = { specversion: '1.0', id: 'e-1', source: 'shop', subject: 'torture', time: '2026-11-01T00:00:00Z' };
const json = 'application/json';
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Every route with a body. Logins come from home, so that nothing is judged. */
export const bodyRoutes: readonly BodyRoute[] = [
  { method: 'POST', path: '/v1/logins', as: 'iam', type: json, good: { accountId: 'torture', ip: '1.201.1.1' }, status: 202 },
  { method: 'POST', path: '/v1/events', as: 'iam', type: 'application/cloudevents+json', good: { ...event, type: 'loginward.contact.changed.v1', data: { locale: 'ko' } }, status: 202 },
  { method: 'POST', path: '/v1/events', as: 'iam', type: 'application/cloudevents+json', good: { ...event, type: 'studio.torture.v1', data: { note: 'x' } }, status: 202 },
  { method: 'POST', path: '/v1/access-checks', as: 'iam', type: json, good: { accountId: 'torture', ip: '1.201.1.1' }, status: 200 },
  { method: 'POST', path: '/v1/accounts/torture/unlock', as: 'iam', type: json, good: { reason: 'asked by phone' }, status: 200 },
  { method: 'PUT', path: '/v1/me/security-settings', as: 'player', type: json, good: { homeCountries: ['KR'], responses: { login_abroad: ['email'], new_country: ['email'], unlocated: ['none'] } }, status: 200 },
  { method: 'POST', path: '/v1/me/trips', as: 'player', type: json, good: { countries: ['JP'], from: day(1), until: day(3) }, status: 201 },
  { method: 'POST', path: '/v1/me/challenges', as: 'player', type: json, good: { channel: 'email' }, status: 202 },
  { method: 'POST', path: '/v1/me/challenges/verify', as: 'player', type: json, good: { challengeId: 'nobody', code: '12345678' }, status: 400 },
  { method: 'POST', path: '/v1/unlock-challenges', as: 'public', type: json, good: { accountId: 'torture', channel: 'email' }, status: 202 },
  { method: 'POST', path: '/v1/unlock-challenges/verify', as: 'public', type: json, good: { challengeId: 'nobody', code: '12345678' }, status: 400 },
];

/** Calls a route as it asks, with a body as it is. */
export function callRoute(attacker: Attacker, { method, path, as, type }: BodyRoute, { headers, ...rest }: Omit<Attack, 'path' | 'method'>): Promise<Reply> {
  const attack = { method, path, headers: { 'content-type': type, ...headers }, ...rest };
  if (as === 'iam') return attacker.signed(attack);
  return as === 'player' ? attacker.asPlayer('torture', attack) : attacker.send(attack);
}
