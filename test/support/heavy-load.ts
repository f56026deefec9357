import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ApiClient } from './local-client.ts';
import { wholeHistory } from './whole-history.ts';
import { chunks, each } from './work.ts';

/** Logins of a heavy load, of so many accounts. */
export const count = 10_000;
export const accounts = 2000;

export const accountOf = (index: number): string => `account-${index % accounts}`;

/** Logins with ids of the client's own; every third comes from abroad. */
export function logins(total: number) {
  const from = Date.now();
  return Array.from({ length: total }, (_, index) => ({
    accountId: accountOf(index),
    id: `login-${index}`,
    ip: index % 3 === 0 ? '8.8.8.8' : '1.201.1.1',
    occurredAt: new Date(from + index).toISOString(),
  }));
}

/** Posts as a careful login server does: again, until each is confirmed. @returns the ids of those confirmed */
export async function postUntilConfirmed(api: ApiClient, body: readonly object[], onConfirmed: (ids: string[]) => void): Promise<void> {
  for (let open = body; open.length > 0; ) {
    const answer = await api.signed('/v1/logins', { body: open }).catch(() => undefined);
    if (answer?.status === 202 || answer?.status === 207) {
      const results = answer.body.results as { index: number; status: number; id: string }[];
      onConfirmed(results.filter(({ status }) => status === 202).map(({ id }) => id));
      const unconfirmed = new Set(results.filter(({ status }) => status !== 202).map(({ index }) => index));
      open = open.filter((_, index) => unconfirmed.has(index));
    } else if (answer !== undefined && answer.status < 500) {
      throw new Error(`Refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    if (open.length > 0) await delay(50);
  }
}

/** A contact for each account, in force long enough for codes. */
export async function addContacts(api: ApiClient): Promise<void> {
  const contacts = Array.from({ length: accounts }, (_, index) => ({
    specversion: '1.0',
    id: `contact-${index}`,
    source: 'accounts',
    type: 'loginward.contact.changed.v1',
    subject: accountOf(index),
    time: new Date(Date.now() - 80 * 3_600_000).toISOString(),
    data: { email: `${accountOf(index)}@example.com`, phone: `+8210${String(index).padStart(8, '0')}` },
  }));
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  for (const body of chunks(contacts, 100)) expect((await api.signed('/v1/events', { body, headers })).status).toBe(202);
}

/** Some accounts choose SMS and e-mail for a login from abroad, others a lock. @returns those that chose the lock */
export async function choosePlayers(api: ApiClient): Promise<readonly string[]> {
  const textedTo = Array.from({ length: accounts / 2 }, (_, index) => accountOf(index));
  const locked = Array.from({ length: accounts / 4 }, (_, index) => accountOf(accounts / 2 + index));
  const choose = async (account: string, login_abroad: string[]) => {
    const responses = { login_abroad, new_country: ['email'], unlocated: ['none'] };
    expect((await api.asPlayer(account, '/v1/me/security-settings', { method: 'PUT', body: { homeCountries: ['KR'], responses } })).status).toBe(200);
  };
  await each(textedTo, 8, (account) => choose(account, ['sms', 'email']));
  await each(locked, 8, (account) => choose(account, ['email', 'lock']));
  return locked;
}

/** What must hold of logins that were answered 202: each once in the history, and a receipt for each that came from abroad. */
export async function checkHistories(api: ApiClient, confirmed: ReadonlySet<string>): Promise<{ entries: number; receipts: number }> {
  const entries: string[] = [];
  let receipts = 0;
  await each(Array.from({ length: accounts }, (_, index) => accountOf(index)), 4, async (account) => {
    for (const { id, verdict, country } of await wholeHistory(api, account)) {
      entries.push(id);
      if (verdict) receipts += 1;
      expect(verdict !== undefined).toBe(country !== 'KR');
    }
  });
  expect(new Set(entries).size).toBe(entries.length);
  const known = new Set(entries);
  expect([...confirmed].filter((id) => !known.has(id))).toEqual([]);
  return { entries: entries.length, receipts };
}

/** Each account that chose it and had a login from abroad is locked since the newest of them, and no other. @returns how many */
export async function checkLocks(api: ApiClient, chose: readonly string[]): Promise<number> {
  let locks = 0;
  await each(Array.from({ length: accounts }, (_, index) => accountOf(index)), 4, async (account) => {
    const abroad = chose.includes(account) ? (await wholeHistory(api, account)).filter(({ verdict }) => verdict !== undefined) : [];
    const { body } = await api.signed(`/v1/accounts/${account}/standing`);
    expect({ state: body.state, since: body.since }).toEqual(abroad[0] ? { state: 'locked', since: abroad[0].occurredAt } : { state: 'active', since: undefined });
    if (abroad.length > 0) locks += 1;
  });
  return locks;
}

/** Actions of which nobody knows whether they were done, as the histories show them. */
export async function countUnknown(api: ApiClient): Promise<number> {
  const unknown = new Set<string>();
  await each(Array.from({ length: accounts }, (_, index) => accountOf(index)), 4, async (account) => {
    for (const { verdict } of await wholeHistory(api, account)) {
      for (const { response, outcome } of verdict?.actions ?? []) if (outcome === 'unknown') unknown.add(`${account} ${response}`);
    }
  });
  return unknown.size;
}
