import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { variables } from '../../lambdas/contracts/names.ts';
import type { Draft } from '../../lambdas/runtime/drafts.ts';
import { required } from '../../lambdas/runtime/environment.ts';
import { ParkError } from '../../lambdas/runtime/failures.ts';
import type { ConsumerDefinition } from '../../lambdas/runtime/lambda-consumer.ts';
import { didWrite, tablesClient } from '../../lambdas/runtime/tables.ts';

/** What a probe writes down. */
interface Log {
  isDown(): Promise<boolean>;
  /** Counts a try of an event. @returns how many there were */
  tried(accountId: string, id: string): Promise<number>;
  /** Writes down that an event of an account was done, behind those before it; once. @returns whether it was the first time */
  done(accountId: string, id: string): Promise<boolean>;
}

/** The item of a probe's table that makes it fail while its attribute `down` is true. */
export const switchKey = { accountId: 'switch', entry: 'switch' };
/** The item with the tries of an event. */
export const triesKey = (accountId: string, id: string) => ({ accountId, entry: `tries ${id}` });
/** The item with the ids of an account's events in the order in which they were done. */
export const doneKey = (accountId: string) => ({ accountId, entry: 'done' });

/**
 * A service whose events say how they are to be handled: an id that begins with `fails2` fails twice, `fails` always; `parks` is parked;
 * `chains` leads to another event. Everything is written down, so that a test sees what reached whom, how often, and in which order.
 */
export function probe(service: 'probe-one' | 'probe-two'): ConsumerDefinition<Log> {
  const handle = async ({ id, subject }: { id: string; subject: string }, log: Log): Promise<void> => {
    const tries = await log.tried(subject, id);
    if (await log.isDown()) throw new Error('down');
    if (id.startsWith('parks')) throw new ParkError('asked to');
    const [, failures] = /^fails(\d*)/.exec(id) ?? [];
    if (failures !== undefined && tries <= Number(failures || Number.POSITIVE_INFINITY)) throw new Error('asked to');
    await log.done(subject, id);
  };
  return {
    service,
    handlers: {
      'password.changed': async (event, log): Promise<Draft | undefined> => {
        await handle(event, log);
        if (service !== 'probe-one' || !event.id.startsWith('chains')) return undefined;
        return { name: 'account.erased', data: { erasedAt: event.data.changedAt } };
      },
      'contact.changed': handle,
      'account.erased': handle,
    },
    publishes: service === 'probe-one' ? ['account.erased'] : [],
    services: (env) => logOf(required(env, variables.table(`${service}-log`))),
  };
}

function logOf(TableName: string): Log {
  const tables = tablesClient();
  return {
    isDown: async () => (await tables.send(new GetCommand({ TableName, Key: switchKey, ConsistentRead: true }))).Item?.['down'] === true,
    tried: async (accountId, id) => {
      const { Attributes } = await tables.send(
        new UpdateCommand({ TableName, Key: triesKey(accountId, id), UpdateExpression: 'ADD tries :one', ExpressionAttributeValues: { ':one': 1 }, ReturnValues: 'ALL_NEW' }),
      );
      return Attributes?.['tries'] as number;
    },
    done: (accountId, id) =>
      didWrite(
        tables.send(
          new UpdateCommand({
            TableName,
            Key: doneKey(accountId),
            UpdateExpression: 'SET ids = list_append(if_not_exists(ids, :none), :ids)',
            ConditionExpression: 'NOT contains(ids, :id)',
            ExpressionAttributeValues: { ':none': [], ':ids': [id], ':id': id },
          }),
        ),
      ),
  };
}
