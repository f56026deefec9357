import type { MSKEvent, MSKRecord } from 'aws-lambda';
import { z } from 'zod';
import type { Invoke } from './lambda.ts';

/** How many records, from the first on, a function has done; and why no more. */
export interface Attempt {
  readonly count: number;
  readonly failure?: { readonly why: string; /** Nobody knows at which record. */ readonly isWhole: boolean };
}

const partitionOf = ({ topic, partition }: MSKRecord): string => `${topic}-${partition}`;

/** Gives records of one partition to a function, as an event source mapping would. @throws when it cannot be called */
export async function attempt(invoke: Invoke, functionName: string, records: readonly MSKRecord[]): Promise<Attempt> {
  const seeLog = `/aws/lambda/${functionName} says why`;
  const invoked = await invoke(functionName, eventWith(records));
  if ('error' in invoked) return { count: 0, failure: { isWhole: true, why: `the function broke off (${invoked.error}); ${seeLog}` } };
  const count = doneBy(invoked.answer, records);
  if (count === undefined) return { count: 0, failure: { isWhole: true, why: 'the function answered what no consumer of Kafka answers' } };
  return count === records.length ? { count } : { count, failure: { isWhole: false, why: `failed again; ${seeLog}` } };
}

/** The event of an invocation. No function reads which mapping it came from. */
const eventWith = (records: readonly MSKRecord[]): MSKEvent => ({
  eventSource: 'aws:kafka',
  eventSourceArn: '',
  bootstrapServers: '',
  records: Object.groupBy(records, partitionOf) as MSKEvent['records'],
});

const batchResponse = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.object({ partition: z.string(), offset: z.int() }) })) });

/**
 * How many records a function's answer says are done; nothing when it says none of it. AWS Lambda takes an empty answer for success. Here an
 * object would go by it, so the function has to say so.
 */
function doneBy(answer: unknown, records: readonly MSKRecord[]): number | undefined {
  const { data } = batchResponse.safeParse(answer);
  const positions = data?.batchItemFailures.map(({ itemIdentifier }) => records.findIndex((each) => partitionOf(each) === itemIdentifier.partition && each.offset === itemIdentifier.offset));
  return !positions || positions.includes(-1) ? undefined : Math.min(records.length, ...positions);
}
