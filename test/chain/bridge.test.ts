import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonAttribute } from '../../lambdas/contracts/names.ts';
import { defaultResponses } from '../../lambdas/contracts/settings.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { startEndpoint, type TestEndpoint } from '../support/endpoints.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

const secret = 'whsec_bG9jYWwtdGVzdC1zZWNyZXQ=';
const contentType = { 'content-type': 'application/cloudevents+json' };

/** An account whose logins from abroad are answered by a kick and an in-game message. */
async function protect({ api }: LocalChain, accountId: string): Promise<void> {
  const body = { homeCountries: ['KR'], responses: { ...defaultResponses, login_abroad: ['email', 'kick', 'player_message'] } };
  expect((await api.asPlayer(accountId, '/v1/me/security-settings', { method: 'PUT', body })).status).toBe(200);
}

describe('the sample game server', () => {
  let chain: LocalChain;
  beforeAll(async () => {
    chain = await startLocalChain();
  });
  afterAll(() => chain.remove());

  it('kicks and tells the player, and the history shows that it is done', async () => {
    await protect(chain, 'ann');
    await chain.api.signed('/v1/logins', { body: { accountId: 'ann', ip: '8.8.8.8' } });
    await chain.settled();
    const { body } = await chain.api.plain('/local/messages?accountId=ann');
    expect(body.items.map(({ channel }: { channel: string }) => channel).toSorted()).toEqual(['kick', 'player_message']);
    expect(body.items[0]).toMatchObject({ accountId: 'ann', to: 'ann', country: 'US', triggers: ['login_abroad'], text: expect.stringContaining('미국') });
    const history = await chain.api.signed('/v1/accounts/ann/logins');
    expect(history.body.items[0].verdict.actions).toEqual(
      expect.arrayContaining([
        { response: 'kick', outcome: 'done' },
        { response: 'player_message', outcome: 'done' },
      ]),
    );
    expect(chain.reports).toEqual([]);
  });

  it('answers nobody who does not sign', async () => {
    const { status } = await chain.api.plain('/local/game-server', { body: { data: {} } });
    expect(status).toBe(401);
  });
});

describe('subscriptions of one’s own', () => {
  let endpoint: TestEndpoint;
  let folders: CatalogFolders;
  let chain: LocalChain;
  beforeAll(async () => {
    endpoint = await startEndpoint(({ body }, response) => {
      const event = JSON.parse(body) as { type: string; subject: string; data: { actionId?: string; matchId?: string } };
      if (event.data.matchId === 'unknown') return response.writeHead(422).end('no such match');
      if (event.data.actionId === undefined) return response.writeHead(204).end();
      const reply = { specversion: '1.0', type: 'loginward.action.completed.v1', data: { actionId: event.data.actionId, outcome: 'done', detail: 'by the test' } };
      return response.writeHead(200, contentType).end(JSON.stringify(reply));
    });
    folders = await catalogFolders(
      {
        'game-server': { ...gameServer, endpoint: endpoint.url },
        matches: { ...audit, name: 'matches', eventTypes: [matchEnded.type], endpoint: endpoint.url, secret: undefined },
      },
      { 'match-ended': matchEnded },
    );
    chain = await startLocalChain({ subscriptions: folders.subscriptions, eventTypes: folders.eventTypes, secrets: new Map([['game-server', secret]]) });
  });
  afterAll(async () => {
    await chain.remove();
    await folders.remove();
    await endpoint.close();
  });

  const eventsOf = (type: string) => endpoint.got.map(({ body }) => JSON.parse(body)).filter((event) => event.type === type);

  it('get the events that their filter lets through, signed, and what they reply comes back', async () => {
    await protect(chain, 'ben');
    await chain.api.signed('/v1/logins', { body: { accountId: 'ben', ip: '8.8.8.8' } });
    await chain.settled();
    const requested = eventsOf('loginward.action.requested.v1');
    expect(requested.map(({ data }) => String(data.response)).toSorted()).toEqual(['kick', 'player_message']);
    const { body, headers } = endpoint.got.find((got) => got.body.includes('"kick"')) ?? { body: '', headers: {} };
    expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
    const history = await chain.api.signed('/v1/accounts/ben/logins');
    expect(history.body.items[0].verdict.actions).toContainEqual({ response: 'kick', outcome: 'done' });
  });

  it('get event types of the company, unsigned when they name no secret', async () => {
    const event = { specversion: '1.0', id: 'm1', source: 'matches', type: matchEnded.type, subject: 'ben', time: new Date().toISOString(), data: { matchId: 'm-1' } };
    expect((await chain.api.signed('/v1/events', { body: event, headers: contentType })).status).toBe(202);
    await chain.settled();
    expect(eventsOf(matchEnded.type)).toMatchObject([event]);
    expect(endpoint.got.at(-1)?.headers).not.toHaveProperty('webhook-signature');
    expect((await chain.api.signed('/v1/events', { body: { ...event, data: {} }, headers: contentType })).body.errors[0].pointer).toBe('#/data/matchId');
  });

  it('that refuse an event find it in a dead-letter queue of their own after 3 tries, with status and body', async () => {
    const before = endpoint.got.length;
    const event = { specversion: '1.0', id: 'm2', source: 'matches', type: matchEnded.type, subject: 'ben', time: new Date().toISOString(), data: { matchId: 'unknown' } };
    await chain.api.signed('/v1/events', { body: event, headers: contentType });
    await chain.settled();
    expect(endpoint.got.length - before).toBe(3);
    const [dead, ...more] = chain.local.peek('loginward-local-http-bridge-matches-dead-letters');
    expect(more).toEqual([]);
    expect(JSON.parse(dead?.body ?? '')).toMatchObject(event);
    expect(dead?.attributes?.[reasonAttribute]?.StringValue).toBe('status 422: no such match');
    expect(chain.reports).toEqual([]);
  });
});
