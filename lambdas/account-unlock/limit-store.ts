import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { didWrite } from '../runtime/tables.ts';
import { codeMinutes } from './challenges.ts';
import { type Counted, isWithinAccount, isWithinNetwork, type Limits } from './limits.ts';
import { keptAfterEndSeconds } from './store.ts';

/** What was counted against one limit; `revision` changes with each write. */
interface LimitItem {
  readonly counted: readonly Counted[];
  readonly revision: number;
}

/**
 * How long what was counted is kept: longer than the challenge itself, because an erasure finds the challenges of an account here,
 * and longer than the hour that counts.
 */
const keptSeconds = keptAfterEndSeconds + 2 * codeMinutes * 60;
/** Each race that is lost means that another was let in, of whom there are few. */
const mostRaces = 50;

/** What an account was sent, and how it is forgotten. */
export interface AccountLimit {
  /** The challenges of an account that may still be there. */
  challengesOf(accountId: string): Promise<string[]>;
  /** @returns how many items were dropped */
  forget(accountId: string): Promise<number>;
}

// An accountId holds no `#`.
const accountOwner = (accountId: string): string => `account#${accountId}`;
const networkOwner = (network: string): string => `network#${network}`;
const smsOwner = (now: Date): string => `sms#${now.toISOString().slice(0, 10)}`;

/**
 * The limits over the table `challenge-limits`: an item for each account and each network that codes went to or were asked from in
 * the last hours, and one for the SMS of each day.
 *
 * @param smsPerDay how many codes go out by SMS in a day at most
 */
export function limitStore(tables: DynamoDBDocumentClient, table: string, smsPerDay: number): Limits & AccountLimit {
  const find = async (owner: string): Promise<LimitItem | undefined> => {
    const { Item } = await tables.send(new GetCommand({ TableName: table, Key: { owner }, ConsistentRead: true }));
    return Item as LimitItem | undefined;
  };

  const replace = (owner: string, found: LimitItem | undefined, asked: Counted): Promise<boolean> => {
    const seconds = Math.floor(Date.parse(asked.at) / 1000);
    const kept = (found?.counted ?? []).filter(({ at }) => Date.parse(at) / 1000 > seconds - keptSeconds);
    const revision = (found?.revision ?? 0) + 1;
    return didWrite(
      tables.send(
        new PutCommand({
          TableName: table,
          Item: { owner, counted: [...kept, asked], revision, expiresAt: seconds + keptSeconds },
          ConditionExpression: found ? 'revision = :found' : 'attribute_not_exists(revision)',
          ...(found && { ExpressionAttributeValues: { ':found': found.revision } }),
        }),
      ),
    );
  };

  const count = async (owner: string, asked: Counted, isWithin: (counted: readonly Counted[], asked: Counted) => boolean): Promise<boolean> => {
    for (let race = 0; race < mostRaces; race += 1) {
      const found = await find(owner);
      if (found?.counted.some(({ challenge }) => challenge === asked.challenge)) return true;
      if (!isWithin(found?.counted ?? [], asked)) return false;
      if (await replace(owner, found, asked)) return true;
    }
    throw new Error('Too many were counted at once.');
  };

  return {
    countForAccount: (accountId, asked) => count(accountOwner(accountId), asked, isWithinAccount),
    countForNetwork: (network, asked) => count(networkOwner(network), asked, isWithinNetwork),

    takeSms: async (now) =>
      smsPerDay > 0 &&
      didWrite(
        tables.send(
          new UpdateCommand({
            TableName: table,
            Key: { owner: smsOwner(now) },
            UpdateExpression: 'ADD taken :one SET expiresAt = :expiresAt',
            ConditionExpression: 'attribute_not_exists(taken) OR taken < :most',
            ExpressionAttributeValues: { ':one': 1, ':most': smsPerDay, ':expiresAt': Math.floor(now.getTime() / 1000) + 2 * 86_400 },
          }),
        ),
      ),

    giveBackSms: async (now) => {
      await tables.send(
        new UpdateCommand({
          TableName: table,
          Key: { owner: smsOwner(now) },
          UpdateExpression: 'ADD taken :one',
          ExpressionAttributeValues: { ':one': -1 },
        }),
      );
    },

    challengesOf: async (accountId) => (await find(accountOwner(accountId)))?.counted.map(({ challenge }) => challenge) ?? [],

    forget: async (accountId) => {
      const { Attributes } = await tables.send(
        new DeleteCommand({ TableName: table, Key: { owner: accountOwner(accountId) }, ReturnValues: 'ALL_OLD' }),
      );
      return Attributes ? 1 : 0;
    },
  };
}
