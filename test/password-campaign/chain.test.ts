import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { services } from '../../lib/services.ts';
import { type LocalChain, startLocalChain } from '../support/local-chain.ts';

/** The services that a campaign needs; the ip-checker for its geo database, without which no local run starts. */
const table = services.filter(({ name }) => ['publisher', 'ip-checker', 'password-campaign', 'http-bridge'].includes(name));

describe('a campaign in the local run, from the templates', () => {
  let chain: LocalChain;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loginward-campaigns-'));
    const message = { ko: '새 비밀번호로 바꿔 주세요.', en: 'Please choose a new password.' };
    const moment = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const campaign = { id: 'spring', owner: 'account team', passwordOlderThan: moment(-30), message, response: 'player_message', everyDays: 7, from: moment(-1), until: moment(1) };
    await writeFile(join(folder, 'spring.json'), JSON.stringify(campaign));
    chain = await startLocalChain({ table, campaigns: [folder] });
  });
  afterAll(async () => {
    await chain.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('asks a player once, and counts', async () => {
    const { api } = chain;
    for (let time = 0; time < 2; time += 1) {
      expect(await api.signed('/v1/logins', { body: [{ accountId: 'ann', ip: '8.8.8.8' }, { accountId: 'ben', ip: '8.8.8.8' }] })).toMatchObject({ status: 202 });
      await chain.settled();
    }
    const changed = { specversion: '1.0', id: 'change-1', source: 'accounts', type: 'loginward.password.changed.v1', subject: 'ben', time: new Date().toISOString(), data: { changedAt: new Date().toISOString() } };
    expect(await api.signed('/v1/events', { body: changed, headers: { 'content-type': 'application/cloudevents+json' } })).toMatchObject({ status: 202 });
    await chain.settled();
    expect(await chain.messages('ann')).toMatchObject([{ channel: 'player_message', triggers: [], country: null }]);
    expect(await api.signed('/v1/campaigns/spring')).toMatchObject({ status: 200, body: { id: 'spring', reached: 2, prompted: 2, changed: 1 } });
    expect(await api.signed('/v1/campaigns/other')).toMatchObject({ status: 404 });
    expect(await api.plain('/v1/campaigns/spring')).toMatchObject({ status: 403 });
    expect(chain.reports).toEqual([]);
  });
});
