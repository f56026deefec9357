import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SecuritySettings, Trip } from '../contracts/settings.ts';
import { didWrite, expiryOf, queryItems } from '../runtime/tables.ts';
import type { KeptVersion, SettingsHistory } from './settings.ts';

/** A version as it lies in the table; the sort key is its number, padded so that it orders. */
interface VersionItem extends Omit<KeptVersion, 'version' | 'trips'>, Record<string, unknown> {
  readonly version: string;
  /** Left out in versions from before there were trips. */
  readonly trips?: Trip[];
}

const keyOf = (version: number): string => String(version).padStart(10, '0');
const versionOf = ({ version, trips = [], ...item }: VersionItem): KeptVersion => ({ ...item, trips, version: Number(version) });

/**
 * The settings over the table `security-settings`, one item a version.
 *
 * @param word a new one each time, by which a write is known
 */
export function settingsStore(
  tables: DynamoDBDocumentClient,
  table: string,
  defaults: SecuritySettings,
  word: () => string,
): SettingsHistory {
  const newestUntil = async (accountId: string, moment: string | undefined): Promise<KeptVersion | undefined> => {
    const [item] = await queryItems<VersionItem>(
      tables,
      {
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: false,
        KeyConditionExpression: 'accountId = :account',
        FilterExpression: moment === undefined ? undefined : 'since <= :moment',
        ExpressionAttributeValues: { ':account': accountId, ...(moment !== undefined && { ':moment': moment }) },
        Limit: moment === undefined ? 1 : 10,
      },
      1,
    );
    return item && versionOf(item);
  };

  return {
    inForceAt: async (accountId, moment) =>
      (await newestUntil(accountId, new Date(moment).toISOString())) ?? {
        version: 0,
        since: new Date(0).toISOString(),
        ...defaults,
        trips: [],
      },

    newest: (accountId) => newestUntil(accountId, undefined),

    sinceOf: async (accountId, version) => {
      const { Item } = await tables.send(new GetCommand({ TableName: table, Key: { accountId, version: keyOf(version) } }));
      return Item?.['since'] as string | undefined;
    },

    add: (accountId, version) => {
      const written = word();
      return didWrite(
        tables.send(
          new PutCommand({
            TableName: table,
            Item: { ...version, accountId, version: keyOf(version.version), written },
            // When an answer is lost, the SDK tries again and finds what it has written itself.
            ConditionExpression: 'attribute_not_exists(accountId) OR written = :written',
            ExpressionAttributeValues: { ':written': written },
          }),
        ),
      );
    },

    noteAnnounced: async (accountId, { version, since }) => {
      const key = (number: number) => ({ accountId, version: keyOf(number) });
      const update = (number: number, change: string, values: Record<string, unknown>) =>
        didWrite(
          tables.send(
            // It may have been erased meanwhile.
            new UpdateCommand({ TableName: table, Key: key(number), UpdateExpression: change, ConditionExpression: 'attribute_exists(accountId)', ExpressionAttributeValues: values }),
          ),
        );
      // Before it is noted, because nobody comes back to a version that is: one that never expires would be kept for ever.
      if (version > 1) await update(version - 1, 'SET expiresAt = :expiresAt', { ':expiresAt': expiryOf(since) });
      await update(version, 'SET announced = :yes', { ':yes': true });
    },
  };
}
