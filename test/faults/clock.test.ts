import { mkdtemp, rm } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { services } from '../../lib/services.ts';
import { randomOf } from '../../local/sample/random.ts';
import { addresses } from '../chain/suite.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';
import { wholeHistory } from '../support/whole-history.ts';
import { differences, inAnyOrder } from './outcome.ts';
import { clockArguments, shiftClock } from './shifted-clock.ts';
import { tellThrough } from './told.ts';
import { deploy } from './wave.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const codeIn = (text: string | undefined): string | undefined => /\b[A-HJKMNP-Z2-9]{8}\b/.exec(text ?? '')?.[0];
const expectNoDeadLetters = ({ local }: LocalChain): void => {
  for (const { name } of services.filter(({ consumer }) => consumer)) expect(local.peek(`loginward-local-${name}-dead-letters`), name).toEqual([]);
};
const expectSmsOnce = ({ local }: LocalChain): void => {
  const sms = local.outbox.list().filter(({ channel }) => channel === 'sms').map(({ actionId, to }) => `${actionId} ${to}`);
  expect(sms.toSorted()).toEqual([...new Set(sms)].toSorted());
};

describe('containers whose clocks differ', () => {
  it('each consumer up to ten minutes off: AWS refuses what it signs, the SDK sets itself right, and the story ends as with right clocks', { timeout: 600_000 }, async () => {
    const assembly = await mkdtemp(join(tmpdir(), 'loginward-clock-'));
    const deployment = await deploy(assembly);
    const random = randomOf(37);
    const skews = new Map<string, number>();
    const drawn = (mostMinutes: number): number => (random.below(2001) / 1000 - 1) * mostMinutes * minute;
    // Who sends goes by a lease of seconds, on which the containers of a function must agree. Codes, and a kick, are good for some minutes.
    const senders: Readonly<Record<string, number>> = { notifier: drawn(10), 'account-unlock': drawn(2) };
    // What players choose and prove, and when support unlocks, goes by the clocks of those who answer them. The canary signs requests to the HTTP API by itself, and nothing corrects it.
    const skewOf = (name: string): number => (/-api$|canary/.test(name) ? 0 : (senders[name.replace(/^loginward-local-|-consumer$/g, '')] ?? drawn(name.includes('http-bridge') ? 2 : 10)));
    const nodeArguments = (name: string): string[] => {
      const skew = skewOf(name);
      if (skew !== 0) skews.set(name, Math.max(skews.get(name) ?? 0, Math.abs(skew)));
      return clockArguments(skew);
    };
    let refused = 0;
    try {
      const [right, skewed] = await Promise.all([
        tellThrough(deployment, { numbers: [1, 2], trouble: {} }),
        tellThrough(deployment, { numbers: [3, 4], trouble: { nodeArguments, before: (_, __, headers) => void (refused += Number(/attempt=2/.test(String(headers['amz-sdk-request'])))) } }),
      ]);
      const endings = [...right.endings, ...skewed.endings].map(inAnyOrder);
      expect(endings.map((_, index) => differences({ endings }, index).lines)).toEqual(endings.map(() => []));
      expect(endings.map(({ doubledSms, doubledEmails, unknown, askedAgain }) => ({ doubledSms, doubledEmails, unknown, askedAgain }))).toEqual(endings.map(() => ({ doubledSms: 0, doubledEmails: 0, unknown: 0, askedAgain: 0 })));
      expect(skewed.campaign).toEqual(right.campaign);
      expect(skewed.reports).toEqual([]);
      expect([...skews.values()].filter((skew) => skew > 5 * minute).length).toBeGreaterThan(3);
      expect(refused).toBeGreaterThan(3);
      console.log(`clock: ${skews.size} functions up to ten minutes off, ${refused} calls signed anew, the same end`);
    } finally {
      await deployment.remove();
      await rm(assembly, { recursive: true, force: true });
    }
  });
});

describe('the clock of the machine jumps', () => {
  let chain: LocalChain;
  let folder: string;
  let shift = 0;
  let endShift: () => void;
  const posted = new Map<string, string>();
  let refusals = 0;

  const jump = async (to: number): Promise<void> => {
    shift = to;
    writeFileSync(join(folder, 'shift'), String(to === 0 ? 1e-9 : to));
    await delay(50);
  };
  /** A request signed at a moment; now, when left out. */
  const signedAt = (moment: number, path: string, body: unknown) => {
    const aws = new AwsClient({ accessKeyId: 'local', secretAccessKey: 'local', region: 'us-east-1', service: 'execute-api', retries: 0 });
    const datetime = new Date(moment).toISOString().replaceAll(/[:-]|\.\d+/g, '');
    return aws.fetch(`${chain.local.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, aws: { datetime } });
  };
  const login = async (accountId: string, more: object = {}): Promise<number> => {
    const occurredAt = new Date().toISOString();
    const { status, body } = await chain.api.signed('/v1/logins', { body: [{ accountId, ip: addresses.US, id: `login-${posted.size}`, occurredAt, ...more }] });
    if (status === 202) posted.set(body.results[0].id, accountId);
    return status;
  };
  const asPlayer = (account: string, path: string, body: unknown, method = 'POST') => chain.api.asPlayer(account, path, { method, body });
  /** A code that a player has just asked for. */
  const codeFor = async (account: string): Promise<{ challengeId: string; code: string | undefined }> => {
    const before = (await chain.messages(account)).length;
    const { body } = await asPlayer(account, '/v1/me/challenges', { channel: 'email' });
    await chain.settled();
    const messages = await chain.messages(account);
    expect(messages.length).toBe(before + 1);
    return { challengeId: body.challengeId, code: codeIn(messages[0]?.text) };
  };
  const standing = async (account: string): Promise<string> => (await chain.api.signed(`/v1/accounts/${account}/standing`)).body.state;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loginward-clock-'));
    writeFileSync(join(folder, 'shift'), '1e-9');
    endShift = shiftClock(() => shift);
    chain = await startLocalChain({ trouble: { nodeArguments: () => clockArguments(0, join(folder, 'shift')), after: () => undefined } });
    const contacts = ['prover', 'late', 'locked', 'waits'].map((subject) => ({
      specversion: '1.0',
      id: `contact-${subject}`,
      source: 'accounts',
      type: 'loginward.contact.changed.v1',
      subject,
      time: new Date(Date.now() - 30 * day).toISOString(),
      data: { email: `${subject}@example.com`, phone: '+821012345678' },
    }));
    expect((await chain.api.signed('/v1/events', { body: contacts, headers: { 'content-type': 'application/cloudevents-batch+json' } })).status).toBe(202);
    const responses = { ...defaultResponses, login_abroad: ['lock', 'sms'] };
    expect((await asPlayer('locked', '/v1/me/security-settings', { homeCountries: ['KR'], responses }, 'PUT')).status).toBe(200);
    await chain.settled();
  }, 300_000);
  afterAll(async () => {
    endShift();
    await chain.remove();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('forwards and back by minutes, hours and a day, in mid-work: each login is in the history once, nothing waits for a day that came twice', async () => {
    for (const to of [0, 5 * minute, -5 * minute, hour, 0, -hour, 3 * hour, 0, day, 0, -day, 0]) {
      const own = Array.from({ length: 10 }, (_, index) => login(`visitor-${index % 3}`));
      await jump(to);
      const answers = await Promise.all([...own, ...Array.from({ length: 10 }, (_, index) => login(`visitor-${index % 3}`))]);
      // What was signed before a jump of minutes and more is refused after it, and signed anew by a careful client.
      for (const status of answers) expect([202, 400, 403]).toContain(status);
      refusals += answers.filter((status) => status !== 202).length;
      expect(await login('visitor-0')).toBe(202);
    }
    const end = performance.now() + 240_000;
    while (!(await chain.local.isIdle()) && performance.now() < end) await delay(100);
    expect(await chain.local.isIdle()).toBe(true);
    const entries: string[] = [];
    // The history shows what lies behind: a day later all of it does.
    await jump(day + hour);
    for (let index = 0; index < 3; index += 1) entries.push(...(await wholeHistory(chain.api, `visitor-${index}`)).map(({ id }) => id));
    await jump(0);
    expect(entries.toSorted()).toEqual([...posted].filter(([, account]) => account.startsWith('visitor')).map(([id]) => id).toSorted());
    expectNoDeadLetters(chain);
    expectSmsOnce(chain);
    console.log(`clock: ${posted.size} logins over 12 jumps in the history once; ${refusals} refused in mid-jump`);
  });

  it('what was signed more than five minutes ago or ahead, and a token of a day ago, is refused', async () => {
    const body = { accountId: 'prover', ip: addresses.KR };
    expect((await signedAt(Date.now() - 4 * minute, '/v1/access-checks', body)).status).toBe(200);
    for (const moment of [Date.now() - 6 * minute, Date.now() + 6 * minute]) expect((await signedAt(moment, '/v1/access-checks', body)).status).toBe(403);
    const { token } = (await chain.api.plain('/local/tokens', { body: { accountId: 'prover' } })).body;
    const get = () => chain.api.plain('/v1/me/security-settings', { headers: { authorization: `Bearer ${token}` } });
    expect((await get()).status).toBe(200);
    await jump(day);
    expect((await get()).status).toBe(401);
    await jump(0);
    expect((await get()).status).toBe(200);
  });

  it('a login is refused when it lies more than 5 minutes ahead of the clock of the publisher', async () => {
    const occurredAt = new Date(Date.now() + 4 * minute).toISOString();
    expect(await login('ahead', { occurredAt })).toBe(202);
    await jump(-2 * minute);
    expect(await login('ahead', { occurredAt })).toBe(400);
    await jump(0);
    await chain.settled();
  });

  it('a code is good for ten minutes, and not for days when the clock was wrong; a proof likewise', async () => {
    const weaker = { homeCountries: ['KR', 'JP'], responses: defaultResponses };
    const weaken = async (account: string) => (await asPlayer(account, '/v1/me/security-settings', weaker, 'PUT')).status;
    const late = await codeFor('late');
    await jump(11 * minute);
    expect((await asPlayer('late', '/v1/me/challenges/verify', late)).status).toBe(400);
    await jump(day);
    const ahead = await codeFor('waits');
    await jump(0);
    expect((await asPlayer('waits', '/v1/me/challenges/verify', ahead)).status).toBe(400);
    await jump(day);
    const proof = await codeFor('prover');
    expect((await asPlayer('prover', '/v1/me/challenges/verify', proof)).status).toBe(200);
    await chain.settled();
    await jump(0);
    expect(await weaken('prover')).toBe(403);
    await jump(day + 11 * minute);
    expect(await weaken('prover')).toBe(403);
    await jump(day + 5 * minute);
    expect(await weaken('prover')).toBe(200);
    await jump(0);
    await chain.settled();
  });

  it('locks and unlocks follow event time: what was locked in a wrong future stays so until an unlock that is newer', async () => {
    await jump(2 * hour);
    expect(await login('locked')).toBe(202);
    await chain.settled();
    expect(await standing('locked')).toBe('locked');
    await jump(0);
    const unlock = () => chain.api.signed('/v1/accounts/locked/unlock', { body: { reason: 'answered by telephone' } });
    // Support is heard whatever the clock says: its moment is put after the lock's.
    expect((await unlock()).status).toBe(200);
    await chain.settled();
    expect(await standing('locked')).toBe('active');
    expect(await login('locked')).toBe(202);
    await chain.settled();
    // An older login than the unlock locks nobody.
    expect(await standing('locked')).toBe('active');
    await jump(3 * hour);
    expect(await login('locked')).toBe(202);
    await chain.settled();
    expect(await standing('locked')).toBe('locked');
    expect((await unlock()).status).toBe(200);
    await jump(0);
    expectSmsOnce(chain);
  });
});
