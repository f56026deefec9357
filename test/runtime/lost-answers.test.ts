import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeptVersion } from '../../lambdas/account-security/settings.ts';
import { settingsStore } from '../../lambdas/account-security/settings-store.ts';
import { challengeStore } from '../../lambdas/account-unlock/store.ts';
import type { Claim } from '../../lambdas/notifier/sent-log.ts';
import { sentLogStore } from '../../lambdas/notifier/store.ts';
import { startTables, type TestTables } from '../support/dynalite.ts';
import { defaults } from '../support/services.ts';

let database: TestTables;
/** Every call is done, and its answer lost, so that the SDK makes it once more. */
let twice: DynamoDBDocumentClient;
beforeAll(async () => {
  database = await startTables();
  const send = async (command: PutCommand): Promise<unknown> => {
    await database.tables.send(command);
    return database.tables.send(command);
  };
  twice = { send } as unknown as DynamoDBDocumentClient;
});
afterAll(() => database.close());

const now = () => new Date('2026-11-21T00:00:00Z');

describe('a conditional write whose answer was lost finds itself', () => {
  it('a version of the settings is added, and the next of the same number is not', async () => {
    const { homeCountries, responses } = defaults;
    const version: KeptVersion = { version: 1, since: now().toISOString(), homeCountries, responses, trips: [], announced: false, previous: { homeCountries, responses, trips: [] } };
    const add = () => settingsStore(twice, 'security-settings', defaults, randomUUID).add('twice', version);
    expect(await add()).toBe(true);
    expect(await add()).toBe(false);
  });

  it('a challenge is claimed by the one that makes its code, and by no other', async () => {
    const claim = (codeDigest: string) => challengeStore(twice, 'challenges').claim({ challenge: 'twice', accountId: 'twice', codeDigest, channel: 'sms', asker: 'player', endsAt: now().toISOString() });
    expect(await claim('mine')).toBe(true);
    expect(await claim('another')).toBe(false);
  });

  it('a letter is claimed by its holder, and by no other', async () => {
    const log = sentLogStore(twice, 'sent-log', now);
    const claim = (holder: string): Claim => ({ state: 'claimed', leaseUntil: now().toISOString(), attempts: 1, holder });
    expect(await log.replace('twice', 'letter', undefined, claim('mine'))).toBe(true);
    expect(await log.replace('twice', 'letter', undefined, claim('another'))).toBe(false);
  });
});

describe('a version of the settings that is noted as announced', () => {
  it('has let the one before expire first, because nobody comes back to it', async () => {
    const calls: string[] = [];
    const send = (command: PutCommand) => {
      calls.push(String((command.input as { UpdateExpression?: string }).UpdateExpression));
      return Promise.resolve({});
    };
    const store = settingsStore({ send } as unknown as DynamoDBDocumentClient, 'security-settings', defaults, randomUUID);
    await store.noteAnnounced('twice', { version: 2, since: now().toISOString() } as KeptVersion);
    expect(calls).toEqual(['SET expiresAt = :expiresAt', 'SET announced = :yes']);
  });
});
