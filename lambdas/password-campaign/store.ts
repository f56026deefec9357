import { type DynamoDBDocumentClient, GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Campaign } from '../contracts/campaigns.ts';
import { hashId } from '../runtime/ids.ts';
import { ComeBackError } from '../runtime/failures.ts';
import { didWrite, type Item, queryItems } from '../runtime/tables.ts';
import type { CampaignProgress, Counts, Noted, Progress } from './progress.ts';
import { keptUntil } from './retention.ts';

/** The tables of the service. */
export interface StoreTables {
  readonly accounts: string;
  readonly counts: string;
}

/** What is counted, under these names in the items of both tables. */
const kinds = ['reached', 'prompted', 'changed'] as const;
type Kind = (typeof kinds)[number];

/** An account's entry of a campaign, as it lies in the table. */
interface Entry extends Noted {
  readonly counted?: ReadonlySet<Kind>;
  /** Who counts for it now: until when, and a word of its own. */
  readonly lease?: string;
}

/** Sort keys of the table `campaign-accounts`. */
const campaignPrefix = 'campaign#';
const entries = { password: 'password', campaign: ({ id }: Campaign) => `${campaignPrefix}${id}` };

/** How long one that counts may take before others may think that it has died; far above the function's time-out. */
const leaseSeconds = 30;

/**
 * The counts of a campaign lie in so many items, because one item takes no more than 1,000 writes a second, and fewer when they
 * are conditional and come at once.
 */
const shards = 16;

/** What is true of an entry and is not counted yet. */
function dueOf({ reachedBy, promptedBy, changedAt, counted }: Entry): Kind[] {
  const isTrue = { reached: reachedBy !== undefined, prompted: promptedBy !== undefined, changed: reachedBy !== undefined && changedAt !== undefined };
  return kinds.filter((kind) => isTrue[kind] && !counted?.has(kind));
}

/**
 * The progress over the tables `campaign-accounts` and `campaign-counts`.
 *
 * An account is counted by single-item writes alone, each of which may be the last before a crash:
 * 1. its entry says what is true of it (`noteLogin`, `noteChange`);
 * 2. it is leased, so that no two count for it at once;
 * 3. its shard counts it and, in the same write, keeps a hash of account and kind as `pending`, unless that lies there;
 * 4. the entry says `counted` and is released;
 * 5. the hash is taken from the shard.
 * A redelivery goes through them again: what is pending is not added again, and what is counted is not looked at again.
 *
 * @param word a new one each time, by which a lease is known
 */
export function progressStore(tables: DynamoDBDocumentClient, names: StoreTables, now: () => Date, word: () => string): CampaignProgress {
  const keyOf = (accountId: string, campaign: Campaign) => ({ accountId, entry: entries.campaign(campaign) });

  /** A conditional update of an entry. @returns what stands then, or nothing when the condition did not hold */
  const update = async (accountId: string, campaign: Campaign, input: Omit<UpdateCommandInput, 'TableName' | 'Key'>): Promise<Entry | undefined> => {
    let entry: Entry | undefined;
    const write = async (): Promise<void> => {
      const { Attributes } = await tables.send(
        new UpdateCommand({ TableName: names.accounts, Key: keyOf(accountId, campaign), ReturnValues: 'ALL_NEW', ...input }),
      );
      entry = Attributes;
    };
    await didWrite(write());
    return entry;
  };
  const expiresAt = (campaign: Campaign): number => Math.floor(keptUntil(campaign).getTime() / 1000);

  /** Leases an entry. @returns nothing when there is nothing more to count, because another did or the account was erased */
  const takeLease = async (accountId: string, campaign: Campaign, lease: string): Promise<Entry | undefined> => {
    const leased = await update(accountId, campaign, {
      UpdateExpression: 'SET lease = :lease',
      ConditionExpression: 'attribute_exists(accountId) AND (attribute_not_exists(lease) OR lease < :now)',
      ExpressionAttributeValues: { ':lease': lease, ':now': now().toISOString() },
    });
    if (leased) return leased;
    const { Item } = await tables.send(new GetCommand({ TableName: names.accounts, Key: keyOf(accountId, campaign), ConsistentRead: true }));
    if (!Item || dueOf(Item).length === 0) return undefined;
    const [until = ''] = ((Item as Entry).lease ?? '').split(' ');
    throw new ComeBackError('being counted', Math.max(1, Math.ceil((Date.parse(until) - now().getTime()) / 1000) || 1));
  };

  /** Says what was counted, and releases the entry. @returns false when it was erased, or leased by another meanwhile */
  const release = async (accountId: string, campaign: Campaign, lease: string, counted: readonly Kind[]): Promise<boolean> => {
    const entry = await update(accountId, campaign, {
      UpdateExpression: counted.length > 0 ? 'ADD counted :counted REMOVE lease' : 'REMOVE lease',
      ConditionExpression: 'lease = :lease',
      ExpressionAttributeValues: { ':lease': lease, ...(counted.length > 0 && { ':counted': new Set(counted) }) },
    });
    return entry !== undefined;
  };

  const shardOf = (accountId: string, { id }: Campaign) => {
    const [first = 0] = Buffer.from(hashId(accountId), 'base64url');
    return { campaign: id, shard: String(first % shards).padStart(2, '0') };
  };
  const pendingOf = (accountId: string, kind: Kind): string => hashId(accountId, kind);

  /** Adds an account to counters of its shard, all or none. @returns false when one of them is pending, and so was added before */
  const addAll = (accountId: string, campaign: Campaign, due: readonly Kind[]): Promise<boolean> =>
    didWrite(
      tables.send(
        new UpdateCommand({
          TableName: names.counts,
          Key: shardOf(accountId, campaign),
          UpdateExpression: `ADD ${due.map((kind) => `${kind} :one`).join(', ')}, pending :pending`,
          ConditionExpression: `attribute_not_exists(pending) OR (${due.map((kind) => `NOT contains(pending, :${kind})`).join(' AND ')})`,
          ExpressionAttributeValues: {
            ':one': 1,
            ':pending': new Set(due.map((kind) => pendingOf(accountId, kind))),
            ...Object.fromEntries(due.map((kind) => [`:${kind}`, pendingOf(accountId, kind)])),
          },
        }),
      ),
    );

  /** Adds an account to those counters of its shard that it was not added to by one that died since. */
  const add = async (accountId: string, campaign: Campaign, due: readonly Kind[]): Promise<void> => {
    if ((await addAll(accountId, campaign, due)) || due.length === 1) return;
    for (const kind of due) await addAll(accountId, campaign, [kind]);
  };

  /** Takes from the shard what the entry says is counted; nobody looks for it there any more. */
  const clear = async (accountId: string, campaign: Campaign, counted: readonly Kind[]): Promise<void> => {
    await tables.send(
      new UpdateCommand({
        TableName: names.counts,
        Key: shardOf(accountId, campaign),
        UpdateExpression: 'DELETE pending :pending',
        ExpressionAttributeValues: { ':pending': new Set(counted.map((kind) => pendingOf(accountId, kind))) },
      }),
    );
  };

  return {
    known: async (accountId, consistent) => {
      const items = await queryItems<Item & { entry: string }>(
        tables,
        {
          TableName: names.accounts,
          ConsistentRead: consistent,
          KeyConditionExpression: 'accountId = :account',
          ExpressionAttributeValues: { ':account': accountId },
        },
        Number.POSITIVE_INFINITY,
      );
      return {
        passwordChangedAt: items.find(({ entry }) => entry === entries.password)?.['changedAt'] as string | undefined,
        campaigns: new Map(
          items.flatMap((item) => (item.entry.startsWith(campaignPrefix) ? [[item.entry.slice(campaignPrefix.length), item as Progress] as const] : [])),
        ),
      };
    },

    noteLogin: (accountId, campaign, { loginId, changedAt, prompt }) => {
      const sets = ['reachedBy = if_not_exists(reachedBy, :login)', 'expiresAt = :expiresAt'];
      if (prompt) sets.push('promptedBy = :login', 'promptedAt = :occurredAt');
      if (changedAt !== undefined) sets.push('changedAt = if_not_exists(changedAt, :changedAt)');
      return update(accountId, campaign, {
        UpdateExpression: `SET ${sets.join(', ')}`,
        ConditionExpression: prompt
          ? 'promptedBy = :login OR (attribute_not_exists(changedAt) AND (attribute_not_exists(promptedAt) OR promptedAt <= :lastUntil))'
          : 'attribute_not_exists(reachedBy) OR reachedBy = :login OR promptedBy = :login',
        ExpressionAttributeValues: {
          ':login': loginId,
          ':expiresAt': expiresAt(campaign),
          ...(changedAt !== undefined && { ':changedAt': changedAt }),
          ...(prompt && { ':occurredAt': prompt.occurredAt, ':lastUntil': prompt.lastUntil }),
        },
      });
    },

    notePassword: async (accountId, changedAt) => {
      await didWrite(
        tables.send(
          new UpdateCommand({
            TableName: names.accounts,
            Key: { accountId, entry: entries.password },
            UpdateExpression: 'SET changedAt = :changedAt',
            ConditionExpression: 'attribute_not_exists(changedAt) OR changedAt < :changedAt',
            ExpressionAttributeValues: { ':changedAt': changedAt },
          }),
        ),
      );
    },

    noteChange: (accountId, campaign, changedAt) =>
      update(accountId, campaign, {
        UpdateExpression: 'SET changedAt = :changedAt, expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(changedAt) OR changedAt >= :changedAt',
        ExpressionAttributeValues: { ':changedAt': changedAt, ':expiresAt': expiresAt(campaign) },
      }),

    count: async (accountId, campaign, noted, isRepeated) => {
      if (dueOf(noted as Entry).length === 0) {
        const counted = [...((noted as Entry).counted ?? [])];
        // The crash that made the event come again may have kept them there.
        if (isRepeated && counted.length > 0) await clear(accountId, campaign, counted);
        return;
      }
      const lease = `${new Date(now().getTime() + leaseSeconds * 1000).toISOString()} ${word()}`;
      const leased = await takeLease(accountId, campaign, lease);
      if (!leased) return;
      const due = dueOf(leased);
      if (due.length > 0) await add(accountId, campaign, due);
      if ((await release(accountId, campaign, lease, due)) && due.length > 0) await clear(accountId, campaign, due);
    },
  };
}

/** The counts of a campaign, from all its shards. */
export async function readCounts(tables: DynamoDBDocumentClient, table: string, campaignId: string): Promise<Counts> {
  const items = await queryItems<Partial<Counts> & Item>(
    tables,
    { TableName: table, KeyConditionExpression: 'campaign = :campaign', ExpressionAttributeValues: { ':campaign': campaignId } },
    shards,
  );
  const sum = (kind: Kind): number => items.reduce((total, { [kind]: count = 0 }) => total + count, 0);
  return { reached: sum('reached'), prompted: sum('prompted'), changed: sum('changed') };
}
