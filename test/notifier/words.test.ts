import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultResponses, type Protection, type Trip } from '../../lambdas/contracts/settings.ts';
import { readNotMeToken } from '../../lambdas/runtime/not-me-link.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { locatedLogin } from '../support/logins.ts';
import { day, hour, linkSecret, occurredAt, reachable, setUp as setUpWith } from './notifier.ts';

let database: TestTables;
beforeAll(async () => {
  database = await startTables();
});
afterAll(() => database.close());

const setUp = () => setUpWith(database);

describe('a notice of a login', () => {
  const linkIn = (text = '') => /https:\/\/api\.example\.com\/v1\/not-me\?token=(\S+)$/.exec(text)?.[1] ?? '';

  it.each(['sms', 'email'] as const)('by %s ends with a link that disputes this login of this account', async (channel) => {
    const { accountId, contact, outcome, sent, clock } = setUp();
    await contact({ ...reachable, locale: 'en' });
    await outcome(channel);
    expect(sent[0]?.text).toContain(' To lock your account at once: https://');
    const token = linkIn(sent[0]?.text);
    expect(readNotMeToken(linkSecret, token, new Date(clock.now))).toEqual({ accountId, loginId: locatedLogin(accountId, 'a', occurredAt).loginId });
  });

  it('asks in Korean, too', async () => {
    const { contact, outcome, sent, clock } = setUp();
    await contact(reachable);
    await outcome('sms');
    expect(sent[0]?.text).toContain(' 계정을 바로 잠그려면: https://');
    expect(readNotMeToken(linkSecret, linkIn(sent[0]?.text), new Date(clock.now))).toBeDefined();
  });

  it('is neither claimed nor counted as sent while the secret cannot be read, and comes back', async () => {
    const { contact, outcome, sent, services } = setUp();
    await contact(reachable);
    await expect(outcome('sms', {}, { ...services, linkSecret: () => Promise.reject(new Error('denied')) })).rejects.toThrow('denied');
    expect(await outcome('sms')).toBe('done');
    expect(sent).toHaveLength(1);
  });

  it('in a digest has the link of its login', async () => {
    const { accountId, contact, outcome, sent, clock } = setUp();
    await contact({ ...reachable, locale: 'en' });
    clock.now += 2 * hour;
    await outcome('sms', { digestUntil: new Date(clock.now + day).toISOString() });
    expect(sent[0]?.text).toMatch(/^We learned late of logins to your account from abroad\. One of them: Nov 21.*Login from Japan\. Your login history shows the others\. To lock your account at once:/);
    expect(readNotMeToken(linkSecret, linkIn(sent[0]?.text), new Date(clock.now))?.accountId).toBe(accountId);
  });

  it('that is about no login has neither link nor moment', async () => {
    const { contact, outcome, sent } = setUp();
    await contact({ ...reachable, locale: 'en' });
    await outcome('email', { triggers: [], text: { ko: '비밀번호를 바꿀 때입니다.', en: 'Your password is old.' } });
    expect(sent.map(({ subject, text }) => [subject, text])).toEqual([['About your account', 'Your password is old.']]);
  });
});

describe('a change of standing', () => {
  it.each([
    [{ state: 'locked', reason: 'login' }, '새로운 곳에서의 로그인 때문에', 'was locked because of a login. To unlock it, ask for a code where you sign in.'],
    [{ state: 'locked', reason: 'disputed' }, '본인이 하지 않았다고 알린 로그인 때문에', 'was locked because of a login that you said was not yours.'],
    [{ state: 'active', reason: 'challenge' }, '인증 코드로 계정의 잠금이 풀렸습니다', 'was unlocked by a code.'],
    [{ state: 'active', reason: 'support' }, '고객센터에서 계정의 잠금이 풀렸습니다', 'was unlocked by support.'],
  ] as const)('%j is told at once, in the language of the player', async (change, korean, english) => {
    const one = setUp();
    await one.contact(reachable);
    await one.standing(change);
    expect(one.sent[0]?.text).toContain(korean);
    const other = setUp();
    await other.contact({ ...reachable, locale: 'en' });
    await other.standing(change);
    expect(other.sent[0]?.text).toContain(english);
  });

  it('is told once, by e-mail, however often the event comes', async () => {
    const { contact, standing, sent } = setUp();
    await contact(reachable);
    for (let times = 0; times < 3; times += 1) await standing();
    expect(sent.map(({ to }) => to)).toEqual([reachable.email]);
    await standing({ since: new Date(occurredAt.getTime() + 1000).toISOString() });
    expect(sent).toHaveLength(2);
  });

  it('is told to each contact by e-mail, and by SMS to one that has none', async () => {
    const { contact, standing, sent, clock } = setUp();
    await contact({ phone: reachable.phone });
    await contact({ email: 'new@example.com', phone: '+821000000002' }, new Date(clock.now - day));
    await standing();
    expect(sent.map(({ to }) => to).toSorted()).toEqual([reachable.phone, 'new@example.com'].toSorted());
  });

  it('that is learned of late is told all the same', async () => {
    const { contact, standing, sent } = setUp();
    await contact(reachable);
    await standing({ since: new Date(occurredAt.getTime() - 60 * day).toISOString() });
    expect(sent.map(({ to }) => to)).toEqual([reachable.email]);
  });

  it('that found no contact is told when it comes, within 7 days, once', async () => {
    const { contact, standing, sent, clock } = setUp();
    await standing();
    clock.now += 6 * day;
    expect(await contact(reachable, new Date(clock.now))).toEqual([]);
    await contact(reachable, new Date(clock.now));
    expect(sent.map(({ to }) => to)).toEqual([reachable.email]);
    const late = setUp();
    late.clock.now += 7 * day;
    await late.contact(reachable);
    await late.standing();
    expect(late.sent).toEqual([]);
  });
});

describe('a change of settings', () => {
  const trip = (id: string, countries: string[], endsAt = '2026-12-11T00:00:00+09:00'): Trip => ({
    id,
    countries,
    from: '2026-12-01',
    until: '2026-12-10',
    timeZone: 'Asia/Seoul',
    startsAt: '2026-12-01T00:00:00+09:00',
    endsAt,
  });
  const before: Protection = { homeCountries: ['KR', 'US'], responses: defaultResponses, trips: [trip('a', ['DE']), trip('over', ['FR'], '2026-11-20T00:00:00Z')] };
  const after: Protection = {
    homeCountries: ['KR', 'JP'],
    responses: { ...defaultResponses, login_abroad: ['lock'], unlocated: ['none'] },
    trips: [trip('b', ['JP', 'CN'])],
  };
  const told = async (locale: 'ko' | 'en', changed: Protection, previous: Protection) => {
    const { contact, settings, sent } = setUp();
    await contact({ ...reachable, locale });
    await settings({ ...changed, previous });
    return sent[0]?.text ?? '';
  };

  it('says what changed, and nothing else', async () => {
    expect(await told('en', after, before)).toContain(
      'the security settings of your account changed: added to the home countries (Japan); removed from the home countries (United States); ' +
        'what happens at a login from abroad; trip added (Japan, China, 2026-12-01 to 2026-12-10); trip removed (Germany, 2026-12-01 to 2026-12-10). If this',
    );
    expect(await told('ko', after, before)).toContain(
      '보안 설정이 바뀌었습니다: 본국에 추가 (일본); 본국에서 삭제 (미국); 해외 로그인 시 대응 변경; ' +
        '여행 추가 (일본, 중국, 2026-12-01~2026-12-10); 여행 삭제 (독일, 2026-12-01~2026-12-10). 본인이',
    );
  });

  it('of the order alone is none', async () => {
    const both: Protection = { ...after, responses: { ...after.responses, login_abroad: ['sms', 'email'] } };
    const turned: Protection = { ...both, homeCountries: ['JP', 'KR'], responses: { ...both.responses, login_abroad: ['email', 'sms'] } };
    expect(await told('en', both, turned)).toContain('settings of your account changed. If this');
  });
});
