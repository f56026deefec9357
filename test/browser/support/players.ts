import type { Page } from 'playwright-core';
import type { OutgoingMessage } from '../../../local/aws/outbox.ts';
import type { LocalChain } from '../../support/local-chain.ts';

const hour = 3_600_000;

/** A player, and what their game and the people around them do. */
export interface Player {
  readonly accountId: string;
  /** A login, which went all its way when this returns. @param hoursAgo when it occurred */
  logs(ip: string, hoursAgo?: number, more?: object): Promise<string>;
  messages(): Promise<readonly OutgoingMessage[]>;
  /** The code that went out last. */
  code(): Promise<string>;
  /** What the login server is told before it lets the player in. */
  access(ip: string): Promise<unknown>;
}

/** Makes a player whose contact has been in force for long enough to get codes. */
export async function playerOf(chain: LocalChain, accountId: string, locale: 'ko' | 'en'): Promise<Player> {
  const { api, settled } = chain;
  const contact = {
    specversion: '1.0',
    id: `contact-${accountId}`,
    source: 'accounts',
    type: 'loginward.contact.changed.v1',
    subject: accountId,
    time: new Date(Date.now() - 100 * hour).toISOString(),
    data: { email: `${accountId}@example.com`, phone: '+821012345678', locale, timeZone: 'Asia/Seoul' },
  };
  await api.signed('/v1/events', { body: contact, headers: { 'content-type': 'application/cloudevents+json' } });
  await settled();
  return {
    accountId,
    logs: async (ip, hoursAgo = 0, more = {}) => {
      const occurredAt = new Date(Date.now() - hoursAgo * hour).toISOString();
      const { body } = await api.signed('/v1/logins', { body: { accountId, ip, occurredAt, product: 'game', device: { userAgent: 'Game/5.2 (Windows NT 10.0)' }, ...more } });
      await settled();
      return body.results[0].id;
    },
    messages: async () => chain.messages(accountId),
    code: async () => {
      await settled();
      const codes = (await chain.messages(accountId)).flatMap(({ text }) => /\b[A-HJKMNP-Z2-9]{8}\b/.exec(text)?.[0] ?? []);
      if (codes[0] === undefined) throw new Error(`No code went out to ${accountId}.`);
      return codes[0];
    },
    access: async (ip) => {
      const { decision, reasons } = (await api.signed('/v1/access-checks', { body: { accountId, ip } })).body;
      return { decision, reasons };
    },
  };
}

/** Signs in at the local issuer, from the player's page. */
export async function signIn(page: Page, accountId: string, { method }: { method?: 'otp' } = {}): Promise<void> {
  await page.goto('/');
  await page.locator('.welcome button').click();
  await page.getByLabel('Account').fill(accountId);
  if (method) await page.getByLabel('With a second factor').check();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.views').waitFor();
}
