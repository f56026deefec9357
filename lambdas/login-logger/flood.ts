import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import DataLoader from 'dataloader';
import type { LocatedLogin } from '../contracts/verdict.ts';
import { didWrite, expiryOf } from '../runtime/tables.ts';
import { keys } from './keys.ts';

/** Failures of an account in a minute that get a row of their own. */
export const ownRows = 20;
/** Failures that a flood's row counts exactly; more would make the row, and each write of it, ever dearer. */
export const countedAtMost = 2000;

interface Failure {
  readonly accountId: string;
  readonly login: LocatedLogin;
}

/** The failures of one account in one minute, by a short form of their loginIds. */
interface Flood {
  readonly own: ReadonlySet<string>;
  readonly counted: ReadonlySet<string>;
}

/**
 * Lets the first 20 failures of an account in a minute through to rows of their own; further ones are counted in one row. Which is
 * which is kept in that row, so that a redelivered failure is neither counted twice nor shown twice.
 *
 * @returns whether a failure gets a row of its own
 */
export function floodGate(tables: DynamoDBDocumentClient, table: string) {
  // The records of a batch come at once; those of one account and minute share their reads and writes.
  const loader = new DataLoader<Failure, boolean>(
    async (failures) => {
      const floods = Map.groupBy(failures, ({ accountId, login }) => `${accountId} ${keys.flood(login.occurredAt)}`);
      const own = await Promise.all([...floods.values()].map((flood) => admit(tables, table, flood)));
      const passed = new Set(own.flatMap((ids) => [...ids]));
      return failures.map(({ accountId, login }) => passed.has(`${accountId} ${login.loginId}`));
    },
    { cache: false },
  );
  return (accountId: string, login: LocatedLogin): Promise<boolean> => loader.load({ accountId, login });
}

async function admit(tables: DynamoDBDocumentClient, table: string, failures: readonly Failure[]): Promise<string[]> {
  const [{ accountId, login } = failures[0] as Failure] = failures;
  const Key = { accountId, entry: keys.flood(login.occurredAt) };
  const ids = [...new Set(failures.map((failure) => shortId(failure.login.loginId)))];
  for (;;) {
    const { Item } = await tables.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
    const flood: Flood = { own: Item?.['ownRows'] ?? new Set(), counted: Item?.['counted'] ?? new Set() };
    const unknown = ids.filter((id) => !flood.own.has(id) && !flood.counted.has(id));
    const admitted = unknown.slice(0, ownRows - flood.own.size);
    if (admitted.length > 0 && !(await addOwn(flood.own.size, admitted))) continue;
    const rest = unknown.slice(admitted.length);
    if (rest.length > 0 && flood.counted.size < countedAtMost) await count(rest);
    const own = new Set([...flood.own, ...admitted]);
    return failures.filter((each) => own.has(shortId(each.login.loginId))).map((each) => `${accountId} ${each.login.loginId}`);
  }

  /** @returns whether nobody else was let through meanwhile */
  function addOwn(size: number, admitted: string[]): Promise<boolean> {
    return didWrite(
      tables.send(
        new UpdateCommand({
          TableName: table,
          Key,
          UpdateExpression: 'ADD ownRows :ids SET expiresAt = :expiresAt',
          ConditionExpression: size === 0 ? 'attribute_not_exists(ownRows)' : 'size(ownRows) = :size',
          ExpressionAttributeValues: {
            ':ids': new Set(admitted),
            ':expiresAt': expiryOf(login.occurredAt),
            ...(size > 0 && { ':size': size }),
          },
        }),
      ),
    );
  }

  async function count(rest: string[]): Promise<void> {
    await tables.send(
      new UpdateCommand({
        TableName: table,
        Key,
        UpdateExpression: 'ADD counted :ids SET firstCounted = if_not_exists(firstCounted, :login)',
        ExpressionAttributeValues: { ':ids': new Set(rest), ':login': login },
      }),
    );
  }
}

/** The last 12 digits of a UUID: random enough within a minute of an account, and a third of its size. */
const shortId = (loginId: string): string => loginId.slice(-12);
