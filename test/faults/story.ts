import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { challengeOf } from '../../lambdas/account-unlock/codes.ts';
import { networkOf } from '../../lambdas/account-unlock/network.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import type { Verdict } from '../../lambdas/contracts/verdict.ts';
import { hashedAccount } from '../../lambdas/runtime/erasure.ts';
import { hashId } from '../../lambdas/runtime/ids.ts';
import { addresses } from '../chain/suite.ts';
import { matchEnded } from '../support/catalog.ts';
import type { CallOptions } from '../support/local-client.ts';
import type { LocalChain } from '../support/local-chain.ts';
import { wholeHistory } from '../support/whole-history.ts';
import type { LastAnswer, PatientClient } from './client.ts';
import type { Game } from './endpoint.ts';

/** The chapter during which the endpoint is down. */
export const outage = 10;

/** Where stories happen. */
export interface Stage {
  readonly chain: LocalChain;
  readonly client: PatientClient;
  readonly game: Game;
  /** What lies in dead-letter queues. */
  readonly deadLetters: () => readonly { readonly queue: string; readonly body: string }[];
}

/** A part of a story; all stories of a run are through with it, and nothing is on the way any more, before the next begins. */
export type Chapter = (at: Date) => Promise<void>;

/** All that happens to some accounts, from the first contact to the last erasure. */
export interface Story {
  readonly prefix: string;
  /** What stands in calls that belong to this story: the prefix, and hashes of what begins with it. */
  readonly marks: Set<string>;
  readonly chapters: readonly Chapter[];
  /** Whether the endpoint has got what it missed while it was down. */
  isCaughtUp(): boolean;
  /** How it ended, in words that are the same for each story. */
  end(): Promise<Ending>;
}

/** The end of a story. */
export interface Ending {
  /** What must be the same as without a fault. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Messages to players: how often each went out, by what they tell. */
  readonly messages: ReadonlyMap<string, number>;
  /** SMS that went out twice under one id. */
  readonly doubledSms: number;
  readonly doubledEmails: number;
  /** Events that the endpoint took more than once. */
  readonly doubledEvents: number;
  /** Actions of which nobody knows whether they were done. */
  readonly unknown: number;
  /** Codes that were asked for again, because none came or asking failed. */
  readonly askedAgain: number;
}

const hour = 3_600_000;
const cloudEvents = { 'content-type': 'application/cloudevents+json' };
const settingsPath = '/v1/me/security-settings';
const codePattern = /\b[A-HJKMNP-Z2-9]{8}\b/;

/** @param number tells stories apart; below 65,000 */
export function storyOf(number: number, { chain, client, game, deadLetters }: Stage): Story {
  const prefix = `s${String(number).padStart(4, '0')}-`;
  const [a, b, c, e, n] = ['a', 'b', 'c', 'e', 'n'].map((name) => `${prefix}${name}`) as [string, string, string, string, string];
  const network = `127.77.${number >> 8}.${number & 255}`;
  const accounts = [a, b, c, e, n];
  const marks = new Set([prefix, networkOf(network), ...accounts.map(hashedAccount), ...accounts.flatMap((account) => ['reached', 'prompted', 'changed'].map((kind) => hashId(account, kind)))]);
  const names = new Map<string, string>();
  const answers: Record<string, unknown> = {};
  let askedAgain = 0;
  let tripId = '';
  let beforeErasure: unknown;

  const event = (id: string, type: string, subject: string, data: object, time = new Date()) =>
    client.signed('/v1/events', { headers: cloudEvents, body: { specversion: '1.0', id: `${prefix}${id}`, source: 'tests', type, subject, time: time.toISOString(), data } });
  const contact = (account: string, id: string, hoursAgo: number, more: object = {}) =>
    event(id, 'loginward.contact.changed.v1', account, { email: `${account}-${id}@example.com`, phone: '+821012345678', locale: 'en', timeZone: 'UTC', ...more }, new Date(Date.now() - hoursAgo * hour));
  const choose = (account: string, login_abroad: string[], more: object = {}, options: CallOptions & { amr?: string[] } = {}) =>
    client.asPlayer(account, settingsPath, { method: 'PUT', body: { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad, unlocated: ['email'] }, ...more }, ...options });
  /** Posts logins of an account, by name: country or `private`, and how many milliseconds after a moment. */
  const post = async (account: string, at: Date, logins: Readonly<Record<string, readonly [keyof typeof addresses, number, outcome?: string]>>) => {
    const entries = Object.entries(logins);
    const body = entries.map(([id, [from, after, outcome]]) => ({ accountId: account, id, ip: addresses[from], occurredAt: new Date(at.getTime() + after).toISOString(), ...(outcome && { outcome }) }));
    const ids = await client.post(body);
    for (const [index, [id]] of entries.entries()) names.set(ids[index] ?? '', `${account.slice(prefix.length)}/${id}`);
    return Object.fromEntries(entries.map(([id], index) => [id, ids[index] ?? '']));
  };
  const idOf = (name: string): string => [...names].find(([, each]) => each === name)?.[0] ?? '';
  const status = async (name: string, answer: Promise<{ status: number; body?: unknown }>, body = false) => {
    const { status: is, body: content } = await answer;
    answers[name] = body ? [is, content] : is;
  };
  /** The code of a challenge, once it went out. */
  const codeOf = async (account: string, challengeId: string) =>
    codePattern.exec((await chain.messages(account)).find(({ actionId }) => actionId === challengeOf(challengeId))?.text ?? '')?.[0];
  type Ask = () => Promise<LastAnswer>;
  const codes = new Map<string, { account: string; challengeId: string; ask: Ask }>();
  const askFor = async (name: string, account: string, ask: Ask) => {
    const { body, tries } = await ask();
    const challengeId = body.challengeId as string;
    // Whoever is told that it failed asks for another, and may get both.
    askedAgain += tries - 1;
    marks.add(challengeOf(challengeId));
    codes.set(name, { account, challengeId, ask });
  };
  /** Whoever waits for a code and gets none asks again. */
  const askAgain = (name: string): Chapter => async () => {
    const { account = '', challengeId = '', ask } = codes.get(name) ?? {};
    if (!ask || (await codeOf(account, challengeId)) !== undefined) return;
    askedAgain += 1;
    await askFor(name, account, ask);
  };
  const askPublicly = (account: string, channel: string) => client.from(network, '/v1/unlock-challenges', { accountId: account, channel });
  const askAsPlayer = (account: string, channel: string) => client.asPlayer(account, '/v1/me/challenges', { method: 'POST', body: { channel } });
  const check = async (account: string, ip: string) => (await client.signed('/v1/access-checks', { body: { accountId: account, ip } })).body as { decision: string; reasons: string[] };
  const today = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const trip = { countries: ['JP'], from: today(0), until: today(1) };

  const chapters: Chapter[] = [
    async () => {
      for (const queue of queuesOf(chain.local.functions)) chain.local.send(queue, `no event of ${prefix}`);
      await Promise.all([...accounts.slice(0, 4).map((account) => contact(account, 'first', 90)), event('match', matchEnded.type, a, { matchId: 'm-1' }), event('no-match', matchEnded.type, a, { matchId: 'unknown' })]);
      await status('settings of a', choose(a, ['sms', 'email', 'kick', 'player_message']), true);
      await status('settings of b', choose(b, ['email', 'lock']));
      await status('settings of c', choose(c, ['email', 'block_abroad']));
      await status('settings of e', choose(e, ['email', 'sms', 'lock']));
    },
    async () => {
      await contact(a, 'second', 80);
      await event('old password', 'loginward.password.changed.v1', c, { changedAt: new Date(Date.now() - 900 * 86_400_000).toISOString() });
      await status('ask settings', client.asPlayer(a, settingsPath), true);
    },
    async (at) => {
      // All of it in the future by some seconds at most, so that the settings are in force.
      await post(a, at, { home: ['KR', 1], abroad: ['US', 2], again: ['US', 3], nowhere: ['private', 4], failed: ['US', 5, 'failure'], denied: ['US', 6, 'denied'], second: ['JP', 60_000] });
      await post(b, at, { theft: ['US', 1] });
      await post(n, at, { early: ['US', 1] });
      await post(e, at, { gone: ['US', 1], failed: ['US', 2, 'failure'] });
      const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000 - 600_000);
      await post(c, minute, Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`try${index}`, ['US', index * 1000, 'failure'] as const])));
      await post(c, at, { home: ['KR', 1] });
    },
    async () => {
      await Promise.all([
        status('standing of b', client.signed(`/v1/accounts/${b}/standing`)),
        status('my standing', client.asPlayer(b, '/v1/me/standing')),
        status('my logins', client.asPlayer(a, '/v1/me/logins')),
        status('trips before', client.asPlayer(c, '/v1/me/trips'), true),
        status('page', client.signed(`/v1/accounts/${a}/logins?limit=2`)),
      ]);
      answers['locked'] = await check(b, addresses.KR);
      answers['blocked'] = await check(c, addresses.JP);
      await status('refused while locked', choose(b, ['none'], {}, { amr: ['otp'] }));
      await status('refused without proof', client.asPlayer(c, '/v1/me/trips', { method: 'POST', body: trip }));
      await contact(n, 'late', 79);
      await askFor('unlock', b, () => askPublicly(b, 'email'));
      await askFor('proof', c, () => askAsPlayer(c, 'sms'));
      await askFor('forgotten', e, () => askPublicly(e, 'email'));
    },
    async (at) => Promise.all(['unlock', 'proof', 'forgotten'].map((name) => askAgain(name)(at))).then(() => undefined),
    async () => {
      const [unlock, proof] = [codes.get('unlock')?.challengeId, codes.get('proof')?.challengeId];
      await status('wrong code', client.from(network, '/v1/unlock-challenges/verify', { challengeId: unlock, code: 'ABCDEFGH' }));
      await status('unlock code', client.from(network, '/v1/unlock-challenges/verify', { challengeId: unlock, code: (await codeOf(b, unlock ?? '')) ?? '' }));
      await status('proof code', client.asPlayer(c, '/v1/me/challenges/verify', { method: 'POST', body: { challengeId: proof, code: (await codeOf(c, proof ?? '')) ?? '' } }));
    },
    async () => {
      answers['unlocked'] = (await check(b, addresses.US)).decision;
      const made = await client.asPlayer(c, '/v1/me/trips', { method: 'POST', body: trip });
      tripId = made.body?.id ?? '';
      answers['trip'] = made.status;
      await status('home twice', choose(a, ['sms', 'email', 'kick', 'player_message'], { homeCountries: ['KR', 'US'] }, { amr: ['otp'] }));
    },
    async (at) => {
      answers['on the trip'] = (await check(c, addresses.JP)).decision;
      await post(c, at, { travelling: ['JP', 1] });
      await post(a, at, { home2: ['US', 1] });
      // It comes late: what was judged after it has another past now.
      await post(a, new Date(Date.parse(await occurredAtOf(a, idOf('a/second')))), { late: ['JP', -1000] });
      await status('home once', choose(a, ['sms', 'email', 'kick', 'player_message'], {}, {}));
      await event('new password', 'loginward.password.changed.v1', c, { changedAt: new Date().toISOString() });
    },
    async () => {
      const gone = await client.asPlayer(c, `/v1/me/trips/${tripId}`, { method: 'DELETE' });
      // Whoever sends it again may have deleted it the first time.
      answers['trip deleted'] = [204, 404].includes(gone.status);
      await status('dispute', client.asPlayer(a, `/v1/me/logins/${idOf('a/second')}/dispute`, { method: 'POST' }));
      await status('confirm', client.asPlayer(a, `/v1/me/logins/${idOf('a/abroad')}/confirm`, { method: 'POST' }));
      await status('confirm of a disputed one', client.asPlayer(a, `/v1/me/logins/${idOf('a/second')}/confirm`, { method: 'POST' }));
      const link = (await chain.messages(b)).map(({ text }) => /\/v1\/not-me\?token=[\w.%-]+/.exec(text)?.[0]).find((each) => each !== undefined) ?? '/v1/not-me?token=none';
      await status('link', client.plain(link));
      await status('not me', client.plain(link, { method: 'POST' }));
    },
    async () => {
      for (const account of [a, b]) {
        const { status: is, body } = await client.signed(`/v1/accounts/${account}/unlock`, { body: { reason: 'a test' } });
        answers[`support unlocks ${account.slice(prefix.length)}`] = [is, body.state];
      }
    },
    async (at) => {
      // While the endpoint is down.
      await post(a, at, { outage: ['US', 1] });
    },
    async (at) => {
      beforeErasure = await historyOf(e);
      await status('erasure', client.signed(`/v1/accounts/${e}`, { method: 'DELETE' }));
      await post(e, at, { after: ['US', 1] });
      await client.asPlayer(e, settingsPath, { method: 'PUT', body: { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['lock'] } } });
    },
    async (at) => {
      await post(e, at, { later: ['US', 1] });
      await contact(e, 'later', 1);
      await status('settings of the erased', choose(e, ['email', 'lock']));
      await askPublicly(e, 'email');
    },
  ];

  async function occurredAtOf(account: string, loginId: string): Promise<string> {
    return (await wholeHistory(client, account)).find(({ id }) => id === loginId)?.occurredAt ?? new Date().toISOString();
  }

  async function historyOf(account: string) {
    const items = await wholeHistory(client, account);
    if (new Set(items.map(({ id }) => id)).size < items.length) return 'a login twice';
    return items.map(({ id, country, outcome, count, unlocatedReason, disputedAt, confirmedAt, verdict }) => ({
      // Of a flood those that arrive first have rows of their own.
      login: names.get(id)?.replace(/try\d+/, 'try') ?? (count === undefined ? id : 'flood'),
      country, outcome, count, unlocatedReason, disputed: disputedAt !== undefined, confirmed: confirmedAt !== undefined,
      triggers: verdict?.triggers, responses: verdict?.responses,
      actions: verdict?.actions?.map(({ response, outcome: ended }) => `${response} ${ended}`).toSorted(),
    })); // prettier-ignore
  }

  /** What a judgement rests on; that its digest is right is one of the facts. */
  async function receiptsOf(account: string) {
    const receipts: Record<string, unknown> = {};
    for (const { id, verdict } of await wholeHistory(client, account)) {
      if (!verdict) continue;
      const { status: is, body } = await client.asPlayer(account, `/v1/me/verdicts/${id}`);
      const { digest, actions, ...rest } = body as Verdict;
      const isRight = digest === `sha256:${createHash('sha256').update(canonicalize(rest) ?? '').digest('hex')}`;
      const nameOf = (login: { loginId: string } | null) => login && names.get(login.loginId);
      receipts[names.get(id) ?? id] = { is, isRight, triggers: rest.triggers, responses: rest.responses, previous: nameOf(rest.previousLogin), earlier: nameOf(rest.earlierFromCountry), version: rest.settingsVersion, disputed: rest.disputedAt !== null, held: rest.rules.map(({ rule, held }) => `${rule} ${held}`), actions: actions.map(({ response, outcome }) => `${response} ${outcome}`).toSorted() };
    }
    return receipts;
  }

  return {
    prefix,
    marks,
    chapters,
    isCaughtUp: () => {
      const missed = idOf('a/outage');
      return ['kick', 'player_message'].every((response) => game.taken.some(({ subject, data }) => subject === a && data['loginId'] === missed && data['response'] === response));
    },
    end: async () => {
      const facts: Record<string, unknown> = { answers: structuredClone(answers), 'history of e before its erasure': beforeErasure };
      for (const account of accounts) {
        const name = account.slice(prefix.length);
        facts[`history of ${name}`] = await historyOf(account);
        facts[`receipts of ${name}`] = await receiptsOf(account);
        const { state, abroad, reason } = (await client.signed(`/v1/accounts/${account}/standing`)).body;
        facts[`standing of ${name}`] = { state, abroad, reason };
        const { headers, body } = await client.asPlayer(account, settingsPath);
        facts[`settings of ${name}`] = { version: headers.get('etag'), ...body };
      }
      const delivered = Map.groupBy(game.taken.filter(({ subject }) => subject.startsWith(prefix)), ({ id }) => id);
      // In which order logins arrived decides how often one is judged, and asked for under the same actionId; what it comes to is the same.
      const told = [...delivered.values()].map(([first]) => [first?.type, first?.data['response'], names.get(String(first?.data['loginId'])), first?.data['matchId']].filter(Boolean).join(' '));
      facts['events at endpoints'] = [...new Set(told)].toSorted();
      facts['dead letters'] = [...new Set(deadLetters().flatMap(({ queue, body }) => (body.includes(prefix) ? [`${queue}: ${body.startsWith('{') ? (JSON.parse(body) as { type: string }).type : 'no event'}`] : [])))].toSorted();
      const sent = accounts.flatMap((account) => chain.local.outbox.list(account)).filter(({ channel }) => channel === 'sms' || channel === 'email');
      const byId = [...Map.groupBy(sent, ({ channel, to, actionId }) => `${channel} ${to} ${actionId}`).values()];
      const doubled = (channel: string) => byId.reduce((count, copies) => count + (copies[0]?.channel === channel ? copies.length - 1 : 0), 0);
      const tells = ({ channel, to, country, text }: (typeof sent)[number]) => [channel, to.replace(prefix, ''), country, (channel === 'email' ? text.split('\n')[0] : text.slice(0, 24).replaceAll(/\d/g, '0'))].filter(Boolean).join(' | ');
      const messages = new Map([...Map.groupBy(byId.flatMap(([first]) => first ?? []), tells)].map(([what, copies]) => [what, copies.length]));
      const unknown = JSON.stringify(facts).split(' unknown"').length - 1;
      return { facts, messages, doubledSms: doubled('sms'), doubledEmails: doubled('email'), doubledEvents: [...delivered.values()].reduce((count, copies) => count + copies.length - 1, 0), unknown, askedAgain };
    },
  };
}

/** The queues of functions. */
export const queuesOf = (functions: readonly string[]): string[] => functions.filter((name) => !/-(api|schedule)$/.test(name)).map((name) => `${name.replace(/-consumer$/, '')}-queue`);
