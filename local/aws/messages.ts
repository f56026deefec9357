import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Queue } from '../model.ts';

/** Attributes of a message, as SQS's API has them. */
export type MessageAttributes = Readonly<Record<string, { readonly DataType: string; readonly StringValue?: string }>>;

export interface NewMessage {
  readonly body: string;
  readonly attributes?: MessageAttributes;
  /** Until it is visible. */
  readonly delaySeconds?: number;
}

/** A message that somebody has received and not yet deleted. */
export interface Received {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** How often it was received, this time included. */
  readonly receives: number;
  readonly sentAt: number;
  readonly firstReceivedAt: number;
}

/** The queues of the local run: SQS standard queues, kept in one SQLite file. */
export interface Messages {
  /** Puts messages into queues, all or none. */
  send(deliveries: readonly { readonly queueArn: string; readonly message: NewMessage }[]): string[];
  /**
   * Up to `max` visible messages, which then stay hidden for the queue's visibility time-out. One that was received as often as the
   * redrive policy allows goes to the dead-letter queue instead.
   *
   * @param visibilitySeconds in place of the queue's own
   */
  receive(queueArn: string, max: number, visibilitySeconds?: number): Received[];
  /** Deletes what is still held under these receipt handles. */
  delete(queueArn: string, receiptHandles: readonly string[]): void;
  /** @returns whether the receipt handle still holds a message */
  changeVisibility(queueArn: string, receiptHandle: string, seconds: number): boolean;
  /** Messages in a queue, whether visible, delayed or being worked on. */
  count(queueArn: string): number;
  /** Whether there is none; a long queue is not counted for it. */
  isEmpty(queueArn: string): boolean;
  /** What is in a queue, as SQS measures it; of a dead-letter queue the age counts from when a message was moved there. */
  depth(queueArn: string, isDeadLetterQueue: boolean): Depth;
  /** The messages of a queue, oldest first, without receiving them. */
  peek(queueArn: string): NewMessage[];
  /** Resolves once the queue may have a visible message, or when the signal aborts. */
  arrival(queueArn: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Messages of a queue by what they do. */
export interface Depth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /**
   * How long the oldest one is there, in milliseconds. One that was received more than three times is passed over: SQS moves it to the back
   * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html).
   */
  readonly oldestAge: number | undefined;
}

/** The same queues, in which messages come more than once and in any order, for tests. */
export function inCopies(messages: Messages, copies: (queueArn: string, body: string) => readonly number[]): Messages {
  return {
    ...messages,
    send: (deliveries) => {
      const firsts: number[] = [];
      let sent = 0;
      const all = deliveries.flatMap(({ queueArn, message }) => {
        const delays = copies(queueArn, message.body);
        firsts.push(sent);
        sent += delays.length;
        return delays.map((milliseconds) => ({ queueArn, message: { ...message, delaySeconds: (message.delaySeconds ?? 0) + milliseconds / 1000 } }));
      });
      const ids = messages.send(all);
      return firsts.map((first) => ids[first] ?? '');
    },
  };
}

interface Row {
  id: number;
  messageId: string;
  body: string;
  attributes: string;
  sentAt: number;
  receives: number;
  firstReceivedAt: number | null;
}

/**
 * Opens the queues. Whoever held messages in an earlier run is gone, so what was in flight is visible at once.
 *
 * @param database of the local run's state
 * @param now whole milliseconds of a clock that does not jump while it is open, which starts near the epoch's
 */
export function openMessages(database: DatabaseSync, queues: readonly Queue[], now: () => number): Messages {
  database.exec(`
    CREATE TABLE IF NOT EXISTS messages (
      id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, messageId TEXT NOT NULL, body TEXT NOT NULL, attributes TEXT NOT NULL,
      sentAt INTEGER NOT NULL, visibleAt INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, firstReceivedAt INTEGER
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visibleAt, id);
  `);
  const byArn = new Map(queues.map((queue) => [queue.arn, queue]));
  const queueOf = (arn: string): Queue => {
    const queue = byArn.get(arn);
    if (!queue) throw new Error(`There is no queue ${arn}.`);
    return queue;
  };
  const expire = database.prepare('DELETE FROM messages WHERE queue = ? AND sentAt < ?');
  for (const { arn, retentionSeconds } of queues) expire.run(arn, now() - retentionSeconds * 1000);
  database.prepare('UPDATE messages SET visibleAt = ? WHERE visibleAt > ?').run(now(), now());

  const insert = database.prepare(
    'INSERT INTO messages (queue, messageId, body, attributes, sentAt, visibleAt) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const visible = database.prepare('SELECT * FROM messages WHERE queue = ? AND visibleAt <= ? ORDER BY visibleAt, id LIMIT ?');
  const take = database.prepare(
    'UPDATE messages SET visibleAt = ?, receives = receives + 1, firstReceivedAt = coalesce(firstReceivedAt, ?) WHERE id = ?',
  );
  const move = database.prepare('UPDATE messages SET queue = ?, visibleAt = ?, receives = 0 WHERE id = ?');
  const remove = database.prepare('DELETE FROM messages WHERE queue = ? AND id = ? AND receives = ?');
  const hide = database.prepare('UPDATE messages SET visibleAt = ? WHERE queue = ? AND id = ? AND receives = ?');
  const count = database.prepare('SELECT count(*) AS count FROM messages WHERE queue = ?');
  const first = database.prepare('SELECT 1 FROM messages WHERE queue = ? LIMIT 1');
  const depth = database.prepare(`
    SELECT coalesce(sum(visibleAt <= ?1), 0) AS visible, coalesce(sum(visibleAt > ?1 AND receives > 0), 0) AS inFlight,
      coalesce(sum(visibleAt > ?1 AND receives = 0), 0) AS delayed,
      min(CASE WHEN receives > 3 THEN NULL WHEN ?2 AND receives = 0 THEN visibleAt ELSE sentAt END) AS oldestAt
    FROM messages WHERE queue = ?3
  `);
  const all = database.prepare('SELECT body, attributes FROM messages WHERE queue = ? ORDER BY id');
  const next = database.prepare('SELECT min(visibleAt) AS visibleAt FROM messages WHERE queue = ?');
  const waiting = new Map<string, Set<() => void>>();

  const wake = (arn: string): void => {
    for (const resolve of waiting.get(arn) ?? []) resolve();
  };
  /** Receipt handles name the message and the receive, so that an older one holds nothing any more. */
  const held = (receiptHandle: string): [number, number] => {
    const [id, receives] = receiptHandle.split('-').map(Number);
    return [id ?? 0, receives ?? 0];
  };
  const transaction = <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // What cannot be written, as on a full disk, SQLite takes back by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    send: (deliveries) => {
      const ids = transaction(() =>
        deliveries.map(({ queueArn, message: { body, attributes = {}, delaySeconds = 0 } }) => {
          const messageId = randomUUID();
          insert.run(queueOf(queueArn).arn, messageId, body, JSON.stringify(attributes), now(), now() + Math.round(delaySeconds * 1000));
          return messageId;
        }),
      );
      for (const arn of new Set(deliveries.map(({ queueArn }) => queueArn))) wake(arn);
      return ids;
    },

    receive: (queueArn, max, visibilitySeconds = queueOf(queueArn).visibilitySeconds) => {
      const { redrive } = queueOf(queueArn);
      return transaction(() => {
        const received: Received[] = [];
        // Once more only for those that went to the dead-letter queue instead: what is visible at once again is not for the same call.
        for (let moved = 1; moved > 0 && received.length < max; ) {
          const rows = visible.all(queueArn, now(), max - received.length) as unknown as Row[];
          moved = 0;
          for (const { id, messageId, body, attributes, sentAt, receives, firstReceivedAt } of rows) {
            if (redrive && receives >= redrive.maxReceives) {
              move.run(redrive.deadLetterQueueArn, now(), id);
              moved += 1;
              continue;
            }
            take.run(now() + visibilitySeconds * 1000, now(), id);
            received.push({
              messageId,
              receiptHandle: `${id}-${receives + 1}`,
              body,
              attributes: JSON.parse(attributes) as MessageAttributes,
              receives: receives + 1,
              sentAt,
              firstReceivedAt: firstReceivedAt ?? now(),
            });
          }
        }
        return received;
      });
    },

    delete: (queueArn, receiptHandles) =>
      transaction(() => {
        for (const handle of receiptHandles) remove.run(queueArn, ...held(handle));
      }),

    changeVisibility: (queueArn, receiptHandle, seconds) => {
      const { changes } = hide.run(now() + seconds * 1000, queueArn, ...held(receiptHandle));
      wake(queueArn);
      return changes === 1;
    },

    count: (queueArn) => (count.get(queueArn) as { count: number }).count,

    isEmpty: (queueArn) => first.get(queueArn) === undefined,

    depth: (queueArn, isDeadLetterQueue) => {
      const { oldestAt, ...counts } = depth.get(now(), isDeadLetterQueue ? 1 : 0, queueArn) as unknown as Depth & { oldestAt: number | null };
      return { ...counts, oldestAge: oldestAt === null ? undefined : Math.max(0, now() - oldestAt) };
    },

    peek: (queueArn) =>
      (all.all(queueArn) as { body: string; attributes: string }[]).map(({ body, attributes }) => ({
        body,
        attributes: JSON.parse(attributes) as MessageAttributes,
      })),

    arrival: (queueArn, signal) => {
      const { visibleAt } = next.get(queueArn) as { visibleAt: number | null };
      if (signal.aborted || (visibleAt !== null && visibleAt <= now())) return Promise.resolve();
      return new Promise((resolve) => {
        const resolvers = waiting.get(queueArn) ?? new Set();
        waiting.set(queueArn, resolvers);
        const done = () => {
          clearTimeout(timer);
          resolvers.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = visibleAt === null ? undefined : setTimeout(done, visibleAt - now());
        resolvers.add(done);
        signal.addEventListener('abort', done);
      });
    },

    close: () => {
      for (const arn of waiting.keys()) wake(arn);
    },
  };
}
