import { describe, expect, it } from 'vitest';
import { canaryAccount } from '../../lambdas/contracts/metrics.ts';
import { postLogins, outsideEventSchema } from '../../lambdas/publisher/handler.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { client } from '../support/requests.ts';

const outsideEvent = await outsideEventSchema([]);

const now = new Date('2026-11-21T00:00:00.000Z');
const route = 'POST /v1/logins';
let bytes = 0;

function setUp(bus = memoryBus(), traceSampling = 1) {
  const random = () => new Uint8Array(16).fill((bytes += 1));
  const telemetry = memoryTelemetry();
  const { call } = client({ [route]: postLogins }, { publisher: bus, now: () => now, random, outsideEvent, traceSampling, telemetry });
  return { bus, telemetry, post: (body: string | Buffer | object, headers?: Record<string, string>) => call({ route, body, headers }) };
}

const login = { accountId: 'player-7', ip: '8.8.8.8' };
const atOffset = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString();

describe('POST /v1/logins', () => {
  it('answers 202 with an id for a login, and fills in moment and outcome', async () => {
    const { post, bus } = setUp();
    const { status, body } = await post(login);
    expect(status).toBe(202);
    expect(body).toEqual({ results: [{ index: 0, status: 202, id: expect.any(String) }] });
    expect(bus.published[0]).toMatchObject({
      type: 'loginward.login.submitted.v1',
      source: 'publisher',
      subject: 'player-7',
      data: { loginId: body.results[0].id, ip: '8.8.8.8', outcome: 'success', occurredAt: now.toISOString() },
    });
  });

  it('gives a login with an id and a moment the same loginId each time, whatever offset the moment is written in', async () => {
    const { post, bus } = setUp();
    const first = await post({ ...login, id: 'a', occurredAt: '2026-11-20T10:00:00Z' });
    const again = await post({ ...login, id: 'a', occurredAt: '2026-11-20T19:00:00+09:00' });
    expect(again.body).toEqual(first.body);
    expect(new Set(bus.published.map(({ id }) => id)).size).toBe(1);
    const ids = [login, { ...login, accountId: 'other' }].flatMap((each) => [
      { ...each, id: 'a', occurredAt: '2026-11-20T10:00:01Z' },
      { ...each, id: 'b', occurredAt: '2026-11-20T10:00:00Z' },
    ]);
    const { body } = await post(ids);
    expect(new Set([...body.results.map(({ id }: { id: string }) => id), first.body.results[0].id]).size).toBe(5);
  });

  it('gives logins without an id an id each', async () => {
    const { post } = setUp();
    const { body } = await post([login, login]);
    expect(body.results[0].id).not.toBe(body.results[1].id);
  });

  it('answers 207 with a problem for each bad one of a batch, pointing into the body', async () => {
    const { post, bus } = setUp();
    const { status, body } = await post([login, { ...login, ip: '264.8.8.8' }, login]);
    expect(status).toBe(207);
    expect(body.results.map(({ status: each }: { status: number }) => each)).toEqual([202, 400, 202]);
    expect(body.results[1].problem).toMatchObject({ status: 400, errors: [{ pointer: '#/1/ip' }] });
    expect(bus.published).toHaveLength(2);
  });

  it('takes a moment from 90 days back to 5 minutes ahead', async () => {
    const { post } = setUp();
    const statusAt = async (seconds: number) => (await post({ ...login, occurredAt: atOffset(seconds) })).status;
    expect(await Promise.all([-90 * 86_400, 0, 300].map(statusAt))).toEqual([202, 202, 202]);
    expect(await Promise.all([-90 * 86_400 - 1, 301].map(statusAt))).toEqual([400, 400]);
  });
});

describe('what operators are told', () => {
  const traceparent = (trace: string, flags: string) => `00-${trace.repeat(32)}-${'2'.repeat(16)}-${flags}`;

  it('how many logins were accepted, and of each sampled one which it is; nothing of a bad one, and no count of the canary', async () => {
    const { post, telemetry } = setUp();
    const { body } = await post([login, { ...login, ip: 'bad' }, { ...login, accountId: canaryAccount }], { traceparent: traceparent('1', '00') });
    expect(telemetry.counts.get('LoginsAccepted')).toBe(1);
    const lines = telemetry.lines.map((line) => JSON.parse(line) as [string, { loginId: string; traceId: string }]);
    expect(lines.map(([message, { loginId, traceId }]) => [message, loginId, traceId])).toEqual(
      [0, 2].map((index) => ['Login accepted', body.results[index].id, '1'.repeat(32)]),
    );
    expect(telemetry.lines.join()).not.toMatch(/player-7|8\.8\.8\.8/);
  });

  it('nothing of a login that the bus did not confirm', async () => {
    const { post, telemetry } = setUp(memoryBus(() => true));
    await post(login);
    expect([telemetry.counts.get('LoginsAccepted'), telemetry.lines]).toEqual([undefined, []]);
  });

  it('what the deployment samples, whatever the caller samples of its own', async () => {
    for (const share of [0, 1]) {
      const { post, bus } = setUp(memoryBus(), share);
      for (const flags of ['00', '01']) await post(login, { traceparent: traceparent('1', flags) });
      await post(login);
      expect(bus.published.map((event) => event.traceparent?.slice(-2))).toEqual(Array.from({ length: 3 }, () => `0${share}`));
      expect(bus.published.slice(0, 2).every((event) => event.traceparent?.includes('1'.repeat(32)))).toBe(true);
    }
  });

  it('since when it is on its way', async () => {
    const { post, bus } = setUp();
    await post({ ...login, occurredAt: '2026-11-20T10:00:00Z' });
    expect(bus.published[0]?.acceptedtime).toBe(now.toISOString());
  });
});

describe('bus trouble', () => {
  it('gives no 202 for an unconfirmed login', async () => {
    let calls = 0;
    const { post } = setUp(memoryBus(() => (calls += 1) % 2 === 0));
    const { status, body } = await post([login, login]);
    expect(status).toBe(207);
    const statuses = body.results.map(({ status: each }: { status: number }) => each).toSorted();
    expect(statuses).toEqual([202, 503]);
  });

  it('answers 503 with Retry-After when the bus confirmed nothing', async () => {
    const { post } = setUp(memoryBus(() => true));
    const { status, headers, body } = await post([login, login]);
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
    expect(body).toMatchObject({ type: expect.stringContaining('bus-unavailable'), status: 503 });
  });
});

describe('bad input', () => {
  const badAddresses = [
    '264.8.8.8', '8.8.8', '0x8.8.8.8', '::ffff:999.1.1.1', '8.8.8.8.8', '08.8.8.8', '8.8.8.8/32', ' 8.8.8.8', '8.8.8.8 ',
    '8.8.8.8:443', '[2001:db8::1]', '2001:db8::1::2', '2001:db8', 'fe80::1%eth0', '1::2:3:4:5:6:7:8:9', 'localhost', '', '134744072',
    '８.8.8.8', '8.8.8.-8', '2001:db8::g', '8,8,8,8',
  ];

  it.each(badAddresses)('refuses the address %j with its pointer, and repeats nothing of it', async (ip) => {
    const { post, bus } = setUp();
    const { status, body } = await post([{ ...login, ip }]);
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ pointer: '#/0/ip', detail: expect.any(String) }]);
    if (ip.length > 2) expect(JSON.stringify(body)).not.toContain(ip.trim());
    expect(bus.published).toEqual([]);
  });

  it.each([
    ['no account', { ip: '8.8.8.8' }, ['#/accountId']],
    ['an account of other letters', { ...login, accountId: 'a b' }, ['#/accountId']],
    ['an account that is too long', { ...login, accountId: 'a'.repeat(129) }, ['#/accountId']],
    ['null', { ...login, product: null }, ['#/product']],
    ['a number for a text', { ...login, id: 7 }, ['#/id']],
    ['an unknown outcome', { ...login, outcome: 'maybe' }, ['#/outcome']],
    ['a moment without offset', { ...login, occurredAt: '2026-11-20T10:00:00' }, ['#/occurredAt']],
    ['a day that does not exist', { ...login, occurredAt: '2026-02-30T10:00:00Z' }, ['#/occurredAt']],
    ['unknown fields', { ...login, 'a/b~c': 1, device: { os: 'x' } }, ['#/device/os', '#/a~1b~0c']],
    ['a user agent that is too long', { ...login, device: { userAgent: 'a'.repeat(513) } }, ['#/device/userAgent']],
    ['several at once', { accountId: '', ip: 'x' }, ['#/accountId', '#/ip']],
    ['a text', '"login"', ['#']],
    ['nothing', '', ['#']],
    ['half of JSON', '{"accountId":', ['#']],
    ['an empty array', '[]', ['#']],
    ['an array in an array', '[[]]', ['#/0']],
    ['a prototype', '{"accountId":"player-7","ip":"8.8.8.8","__proto__":{"outcome":"success"}}', ['#/__proto__']],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, ['#/0']],
    ['deep nesting in a field', `{"accountId":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)},"ip":"8.8.8.8"}`, ['#/accountId']],
  ])('refuses %s with its pointers', async (_, body, pointers) => {
    const { post, bus } = setUp();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual(pointers.toSorted());
    expect(bus.published).toEqual([]);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const { post } = setUp();
    expect((await post(Buffer.from([0x22, 0xff, 0xfe, 0x22]))).status).toBe(400);
  });

  it('refuses more than 100 logins and more than 1 MiB with 413', async () => {
    const { post } = setUp();
    expect((await post(Array.from({ length: 101 }, () => login))).status).toBe(413);
    expect((await post(`${JSON.stringify(login)}${' '.repeat(1024 * 1024)}`)).status).toBe(413);
    expect((await post(Array.from({ length: 100 }, () => login))).status).toBe(202);
  });

  it.each(['gzip', 'br', 'deflate, gzip'])('refuses the content coding %s with 415: nothing unpacks a body', async (coding) => {
    const { post } = setUp();
    const { status, headers } = await post(login, { 'content-encoding': coding });
    expect([status, headers['accept-encoding']]).toEqual([415, 'identity']);
  });

  it.each(['text/plain', 'application/xml', 'application/json; charset=latin1', ''])('refuses the content type %j with 415', async (type) => {
    const { post } = setUp();
    expect((await post(login, { 'content-type': type })).status).toBe(415);
  });
});
