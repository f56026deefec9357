import { describe, expect, it } from 'vitest';
import { outsideEventSchema, postEvents } from '../../lambdas/publisher/handler.ts';
import { memoryBus, memoryTelemetry } from '../support/records.ts';
import { client } from '../support/requests.ts';

const now = new Date('2026-11-21T00:00:00.000Z');
const route = 'POST /v1/events';
const contactChanged = {
  specversion: '1.0',
  id: 'evt-1',
  source: 'studio/accounts',
  type: 'loginward.contact.changed.v1',
  subject: 'player-7',
  time: '2026-11-20T10:00:00Z',
  data: { email: 'player@example.com', locale: 'ko', timeZone: 'Asia/Seoul' },
};

const matchEnded = {
  type: 'studio.match.ended.v1',
  dataSchema: { properties: { matchId: { type: 'string' }, endedAt: { type: 'string', format: 'date-time' } }, required: ['matchId'], minProperties: 1, additionalProperties: false, type: 'object' },
};
const declared = [
  { ...matchEnded, outsideProducers: true },
  { ...matchEnded, type: 'studio.internal.v1', outsideProducers: false },
  { type: 'studio.open.v1', dataSchema: { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } }, outsideProducers: true },
];

const outsideEvent = await outsideEventSchema(declared);

function setUp() {
  const bus = memoryBus();
  const { call } = client({ [route]: postEvents }, { publisher: bus, now: () => now, random: () => new Uint8Array(16), outsideEvent, traceSampling: 1, telemetry: memoryTelemetry() });
  const post = (body: string | object, type = 'application/cloudevents+json') => call({ route, body, headers: { 'content-type': type } });
  return { bus, post };
}

describe('an event type of the company', () => {
  const posted = { ...contactChanged, type: 'studio.match.ended.v1', data: { matchId: 'm-1' } };

  it('is taken when it is open to outside producers and its data is as declared', async () => {
    const { bus, post } = setUp();
    expect((await post(posted)).status).toBe(202);
    expect(bus.published).toMatchObject([{ ...posted, acceptedtime: now.toISOString() }]);
  });

  it('whose schema says little, or is slow to check, is bounded: data is refused, its neighbour is taken', async () => {
    const { bus, post } = setUp();
    const open = { ...posted, type: 'studio.open.v1' };
    const deep = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as unknown;
    const { status, body } = await post([{ ...open, data: { deep } }, { ...open, data: { name: `${'a'.repeat(50)}!` } }, { ...open, data: { name: 'a' } }], 'application/cloudevents-batch+json');
    expect([status, body.results.map((each: { problem?: { errors: unknown[] } }) => each.problem?.errors[0])]).toEqual([
      207,
      [
        { pointer: '#/0/data', detail: 'must not be nested deeper than 64 levels' },
        { pointer: '#/1/data', detail: 'takes too long to check against its schema' },
        undefined,
      ],
    ]);
    expect(bus.published).toMatchObject([{ data: { name: 'a' } }]);
  });

  it.each([
    ['data that is not as declared', { data: { matchId: 7 } }, '#/data/matchId'],
    ['data without a field', { data: { endedAt: '2026-11-21T00:00:00Z' } }, '#/data/matchId'],
    ['no data', { data: undefined }, '#/data'],
    ['a time that is none', { data: { matchId: 'm', endedAt: 'soon' } }, '#/data/endedAt'],
    ['a field that is not declared', { data: { matchId: 'm-1', more: 1 } }, '#/data/more'],
    ['a type that is not open', { type: 'studio.internal.v1' }, '#/type'],
    ['a type that nobody declared', { type: 'studio.unknown.v1' }, '#/type'],
    ['a count of hops', { hops: 0 }, '#/hops'],
    ['when it was accepted', { acceptedtime: '2026-11-21T00:00:00Z' }, '#/acceptedtime'],
  ])('is refused with a pointer for %s', async (_, change, pointer) => {
    const { bus, post } = setUp();
    const { status, body } = await post({ ...posted, ...change });
    expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
    expect(bus.published).toEqual([]);
  });
});

describe('POST /v1/events', () => {
  it('publishes an event of an open type as it came', async () => {
    const { bus, post } = setUp();
    const { status, body } = await post(contactChanged);
    expect([status, body]).toEqual([202, { results: [{ index: 0, status: 202, id: 'evt-1' }] }]);
    expect(bus.published[0]).toMatchObject(contactChanged);
  });

  it('takes a batch, and answers for each event', async () => {
    const { post } = setUp();
    const bad = { ...contactChanged, data: { phone: '010-1234' } };
    const { status, body } = await post([contactChanged, bad], 'application/cloudevents-batch+json');
    expect(status).toBe(207);
    expect(body.results[1].problem.errors[0].pointer).toBe('#/1/data/phone');
  });

  it.each([
    ['an internal type', { type: 'loginward.login.located.v1' }, '#/type'],
    ['an undeclared type', { type: 'studio.other.v1' }, '#/type'],
    ['another specversion', { specversion: '0.3' }, '#/specversion'],
    ['no subject', { subject: undefined }, '#/subject'],
    ['an unknown attribute', { actor: 'x' }, '#/actor'],
    ['an unknown field of data', { data: { mail: 'x' } }, '#/data/mail'],
    ['a time zone that does not exist', { data: { timeZone: 'Asia/Nowhere' } }, '#/data/timeZone'],
    ['a time ahead', { time: '2026-11-21T00:06:00Z' }, '#/time'],
  ])('refuses %s with its pointer', async (_, change, pointer) => {
    const { bus, post } = setUp();
    const { status, body } = await post({ ...contactChanged, ...change });
    expect(status).toBe(400);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    expect(bus.published).toEqual([]);
  });

  it('refuses another content type, and one event where a batch is announced', async () => {
    const { post } = setUp();
    expect((await post(contactChanged, 'application/json')).status).toBe(415);
    expect((await post(contactChanged, 'application/cloudevents-batch+json')).status).toBe(400);
    expect((await post([contactChanged])).status).toBe(400);
  });
});
