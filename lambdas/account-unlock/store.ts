import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { aheadMinutes } from '../contracts/window.ts';
import { didWrite, type Item } from '../runtime/tables.ts';
import { type Answers, type Challenge, type Challenges, codeMinutes, mostTries } from './challenges.ts';

/** How long a challenge is kept after it ended, in seconds. */
export const keptAfterEndSeconds = 3600;

/** The challenges over the table `challenges`, for whoever sends codes. */
export function challengeStore(tables: DynamoDBDocumentClient, table: string): Challenges {
  return {
    isClaimed: async (challenge) =>
      (await tables.send(new GetCommand({ TableName: table, Key: { challenge }, ConsistentRead: true }))).Item !== undefined,

    claim: (challenge) =>
      didWrite(
        tables.send(
          new PutCommand({
            TableName: table,
            Item: { ...challenge, tries: 0, expiresAt: Math.floor(Date.parse(challenge.endsAt) / 1000) + keptAfterEndSeconds },
            // When an answer is lost, the SDK tries again and finds its own claim: nobody else has the digest of this code.
            ConditionExpression: 'attribute_not_exists(challenge) OR codeDigest = :own',
            ExpressionAttributeValues: { ':own': challenge.codeDigest },
          }),
        ),
      ),

    release: async (challenge) => {
      await tables.send(new DeleteCommand({ TableName: table, Key: { challenge } }));
    },
  };
}

/** The challenges over the table `challenges`, for whoever takes answers. No write brings back a challenge that is gone. */
export function answerStore(tables: DynamoDBDocumentClient, table: string, now: () => Date): Answers {
  /** @returns the item afterwards; nothing when the condition did not hold */
  const update = async (challenge: string, { change, when, values = {} }: Update): Promise<Item | undefined> => {
    try {
      const { Attributes } = await tables.send(
        new UpdateCommand({
          TableName: table,
          Key: { challenge },
          UpdateExpression: change,
          ConditionExpression: when,
          ExpressionAttributeValues: { ...values, ':now': now().toISOString() },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Attributes;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };

  return {
    countTry: async (challenge) => {
      const latest = new Date(now().getTime() + (codeMinutes + aheadMinutes) * 60_000).toISOString();
      return (await update(challenge, { ...updates.countTry, values: { ...updates.countTry.values, ':latest': latest } })) as Challenge | undefined;
    },
    settle: async (challenge, isRight) => {
      const item = await update(challenge, isRight ? updates.right : updates.wrong);
      return isRight ? (item?.['verifiedAt'] as string | undefined) : undefined;
    },
    noteAnnounced: async (challenge) => {
      await update(challenge, updates.announced);
    },
  };
}

interface Update {
  readonly change: string;
  readonly when: string;
  readonly values?: Item;
}

const updates = {
  /** It is not over, nor made by a clock that was wrong and would be good for days; it has tries left, or was answered rightly but without the bus confirming it. */
  countTry: {
    change: 'ADD tries :one',
    when:
      'endsAt > :now AND endsAt <= :latest AND ((attribute_not_exists(verifiedAt) AND tries < :most) OR ' +
      '(attribute_exists(verifiedAt) AND attribute_not_exists(announcedAt)))',
    values: { ':one': 1, ':most': mostTries },
  },
  right: {
    change: 'SET verifiedAt = if_not_exists(verifiedAt, :now)',
    when: 'attribute_exists(challenge) AND attribute_not_exists(announcedAt)',
  },
  /** Changes nothing that counts: what was wrong is to cost the same as what was right. */
  wrong: { change: 'SET lastTriedAt = :now', when: 'attribute_exists(challenge)' },
  announced: { change: 'SET announcedAt = :now', when: 'attribute_exists(challenge)' },
} as const satisfies Record<string, Update>;
