import { defaultResponses } from '../../../lambdas/contracts/settings.ts';
import { matchEnded } from '../../support/catalog.ts';
import type { Callers } from './callers.ts';
import { canaries } from './canaries.ts';

const { ipv4, ipv6, email, phone, deviceId, userAgent, sessionId, accountId, secret, freeText } = canaries;
const account = accountId.value;
const cloudEvents = 'application/cloudevents+json';
const device = { id: deviceId.value, userAgent: userAgent.value };
const login = { accountId: account, ip: ipv4.value, device, sessionId: sessionId.value, product: freeText.value };
/** Every canary as one text, for fields that are to be refused. */
export const everything = Object.values(canaries).map(({ value }) => value).join(' ');

const event = (id: string, type: string, data: unknown, time = new Date()) => ({ specversion: '1.0', id, source: 'tests', type, subject: account, time: time.toISOString(), data });
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

/** What the login servers, other servers and tools of a company do, well and badly. @returns ids of logins */
export async function asServers({ signed }: Callers): Promise<string[]> {
  const contact = { email: email.value, phone: phone.value, locale: 'en', timeZone: 'Asia/Seoul' };
  await signed('/v1/events', event(email.value, 'loginward.contact.changed.v1', contact, daysAgo(4)), cloudEvents);
  await signed('/v1/events', event('p-1', 'loginward.password.changed.v1', { changedAt: daysAgo(400).toISOString() }), cloudEvents);
  await signed('/v1/events', event('m-1', matchEnded.type, { matchId: everything }), cloudEvents);
  for (const data of [{ ...contact, email: everything }, { ...contact, phone: everything }, { ...contact, locale: everything }, everything]) {
    await signed('/v1/events', event('c-2', 'loginward.contact.changed.v1', data), cloudEvents);
  }
  await signed('/v1/events', { ...event(everything, everything, everything), source: everything, time: everything }, cloudEvents);
  await signed('/v1/events', [event('m-2', matchEnded.type, { matchId: 7 }), everything], 'application/cloudevents-batch+json');

  const { results } = (await signed('/v1/logins', [login, { ...login, ip: ipv6.value }, { ...login, outcome: 'denied' }])).json() as { results: { id: string }[] };
  // A flood of failures; one bad item among good ones; nothing but bad ones.
  await signed('/v1/logins', Array.from({ length: 30 }, () => ({ ...login, outcome: 'failure' })));
  await signed('/v1/logins', [login, { ...login, ip: everything }, { ...login, accountId: everything }, { ...login, device: { userAgent: everything.repeat(5) } }, { ...login, occurredAt: everything }]);
  for (const bad of [{ ...login, id: everything.repeat(2) }, { ...login, outcome: everything }, { ...login, sessionId: everything }, `{"accountId":"${everything}`, JSON.stringify(everything)]) await signed('/v1/logins', bad);
  await signed('/v1/logins', everything, 'text/plain');
  await signed('/v1/logins', Array.from({ length: 101 }, () => login));

  await signed('/v1/access-checks', { accountId: account, ip: ipv6.value });
  for (const bad of [{ accountId: account, ip: everything }, { accountId: everything, ip: ipv4.value }, { accountId: account, ip: ipv4.value, code: everything }]) await signed('/v1/access-checks', bad);
  const encoded = encodeURIComponent(account);
  for (const path of ['standing', 'logins', `logins?cursor=${encodeURIComponent(everything)}`, `logins?limit=${ipv4.value}`, `logins?ip=${ipv4.value}`]) await signed(`/v1/accounts/${encoded}/${path}`);
  await signed(`/v1/accounts/${encodeURIComponent(everything)}/standing`);
  await signed(`/v1/campaigns/${encoded}`);
  await signed(`/v1/nowhere/${encoded}`);
  return results.map(({ id }) => id);
}

/** What the player does, well and badly. */
export async function asPlayer({ player, plain }: Callers, loginId: string): Promise<void> {
  const settings = { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['email', 'sms', 'kick', 'player_message'] } };
  await player('/v1/me/security-settings', settings, 'PUT', ['otp']);
  await player('/v1/me/security-settings', { ...settings, homeCountries: [everything] }, 'PUT');
  await player('/v1/me/security-settings', { ...settings, homeCountries: ['KR', 'US'] }, 'PUT');
  await player('/v1/me/trips', { countries: ['JP'], from: '2027-01-01', until: '2027-01-03' });
  await player('/v1/me/trips', { countries: [everything], from: everything, until: everything });
  await player(`/v1/me/trips/${encodeURIComponent(everything)}`, undefined, 'DELETE');
  await player('/v1/me/logins');
  await player(`/v1/me/logins?cursor=${encodeURIComponent(everything)}`);
  await player(`/v1/me/verdicts/${loginId}`);
  await player(`/v1/me/verdicts/${encodeURIComponent(everything)}`);
  await player(`/v1/me/logins/${loginId}/confirm`, undefined, 'POST');
  await player(`/v1/me/logins/${encodeURIComponent(everything)}/dispute`, undefined, 'POST');
  for (const token of [everything, secret.value, `a.${Buffer.from(everything).toString('base64url')}.b`]) await plain('/v1/me/logins', undefined, 'GET', { authorization: `Bearer ${token.replaceAll(/[^\x20-\x7e]/g, '')}` });
  await plain(`/v1/not-me?token=${encodeURIComponent(everything)}`);
  await plain(`/v1/not-me?token=${encodeURIComponent(everything)}`, undefined, 'POST');
}

/** Codes: asked for and answered, rightly and wrongly. @param codeOf the code of the newest message */
export async function codes({ player, plain }: Callers, codeOf: () => Promise<string>): Promise<string> {
  await player('/v1/me/challenges', { channel: everything });
  await player('/v1/me/challenges/verify', { challengeId: everything.slice(0, 100), code: everything.slice(0, 60) });
  const asked = await plain('/v1/unlock-challenges', { accountId: account, channel: 'email' });
  const { challengeId } = asked.json() as { challengeId: string };
  const code = await codeOf();
  await plain('/v1/unlock-challenges/verify', { challengeId: everything.slice(0, 100), code });
  await plain('/v1/unlock-challenges/verify', { challengeId, code: 'ABCDEFGH' });
  await plain('/v1/unlock-challenges/verify', { challengeId, code });
  await plain('/v1/unlock-challenges/verify', { challengeId, code });
  for (const bad of [{ accountId: everything, channel: 'email' }, { accountId: account, channel: everything }, { accountId: account, channel: 'email', code }]) await plain('/v1/unlock-challenges', bad);
  return code;
}
