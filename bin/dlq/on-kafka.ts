import { expiredFolder, expiredPrefix, givenUpFolder, parkedFolder, parkedPrefix } from '../../lambdas/contracts/names.ts';
import type { Names } from '../../lib/names.ts';
import { type Bridge, services } from '../../lib/services.ts';
import { failedRecordsIn } from './failed-records.ts';
import type { Invoke } from './lambda.ts';
import type { Objects } from './objects.ts';
import { type Job, redriveOf } from './redrive.ts';
import { describe, type Say, type Undelivered } from './undelivered.ts';

interface Parts {
  readonly names: Names;
  /** On-failure buckets, by service. */
  readonly onFailure: ReadonlyMap<string, Objects>;
  /** The bucket of the http-bridge. */
  readonly bridge: Objects;
  /** @throws when no subscription of this name is deployed, or none that delivers */
  readonly mustDeliver: (subscription: string) => void;
  readonly invoke: Invoke;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly say: Say;
}

/** Where records lie, and how they go back. */
interface Owner extends Job {
  readonly objects: Objects;
}

const bridgePrefix = 'http-bridge-';
/** As its mappings hand them over. */
const { batchSize: bridgeBatch } = services.flatMap(({ bridge }) => bridge ?? [])[0] as Bridge;
/** What its endpoint does not take three times in a row it takes at no time soon, and each try waits for as long as an invocation may last. */
const bridgePatience = 3;
/** How many objects `show` reads. */
const maxShown = 100;

/** On Kafka: records in the on-failure bucket of each service, and in that of the http-bridge. */
export function onKafka({ names, onFailure, bridge, mustDeliver, invoke, now, sleep, say }: Parts): Undelivered {
  const ofSubscription = (subscription: string, folder: string): Owner => ({
    objects: bridge,
    functionName: names.resource('http-bridge', subscription),
    folder,
    parkedFolder: parkedPrefix(subscription),
    batchSize: bridgeBatch,
    patience: bridgePatience,
    // Otherwise what waited for too long would be put aside again at the endpoint's first failure, and count as waiting in the alarm.
    asSent: (record) => ({ ...record, timestamp: now().getTime() }),
  });

  function ownerOf(name: string): Owner {
    const objects = onFailure.get(name);
    const batchSize = services.find((each) => each.name === name)?.consumer?.batchSize;
    if (objects && batchSize) return { objects, functionName: names.resource(name, 'consumer'), folder: parkedFolder, batchFolder: givenUpFolder, parkedFolder, batchSize };
    if (name.startsWith(bridgePrefix)) return ofSubscription(name.slice(bridgePrefix.length), parkedPrefix(name.slice(bridgePrefix.length)));
    throw new Error(`${name} is no service with an on-failure bucket, nor http-bridge-SUBSCRIPTION; npm run dlq -- list shows them.`);
  }

  async function giveBack(owner: Owner, of: string): Promise<void> {
    const { done, stay } = await redriveOf({ objects: owner.objects, invoke, sleep, say })(owner);
    say(`${done} records of ${of} are done.`);
    for (const [why, count] of stay) say(`${count} stay\t${why}`);
  }

  return {
    list: async () => {
      for (const [service, objects] of [...onFailure].toSorted(([a], [b]) => a.localeCompare(b))) {
        const [parked, givenUp] = await Promise.all([objects.below(parkedFolder), objects.below(givenUpFolder)]);
        // A batch that was given up holds one record as a rule, because mappings cut batches that fail.
        say(`${parked.length + givenUp.length}\t${service}${givenUp.length > 0 ? `\t${givenUp.length} of them given up by AWS Lambda` : ''}`);
      }
      const bySubscription = async (folder: string) => Map.groupBy(await bridge.below(folder), ({ key }) => key.split('/')[1] ?? '');
      for (const [subscription, parked] of await bySubscription(parkedFolder)) say(`${parked.length}\t${bridgePrefix}${subscription}`);
      for (const [subscription, aside] of await bySubscription(expiredFolder)) say(`${aside.length} events put aside\t${subscription}`);
    },

    show: async (name) => {
      const { objects, folder, batchFolder } = ownerOf(name);
      const stored = [...(await objects.below(folder)), ...(batchFolder === undefined ? [] : await objects.below(batchFolder))];
      if (stored.length === 0) say('It is empty.');
      for (const { key } of stored.slice(0, maxShown)) {
        for (const line of linesOf(await objects.read(key))) say(line);
      }
      if (stored.length > maxShown) say(`… and ${stored.length - maxShown} more`);
    },

    redrive: async (name) => {
      if (!onFailure.has(name) && name.startsWith(bridgePrefix)) mustDeliver(name.slice(bridgePrefix.length));
      await giveBack(ownerOf(name), name);
    },

    restore: async (subscription) => {
      mustDeliver(subscription);
      await giveBack(ofSubscription(subscription, expiredPrefix(subscription)), subscription);
    },
  };
}

/** Type, id and reason of each record in an object. */
function linesOf(text: string): string[] {
  try {
    return failedRecordsIn(text).map(({ record, reason }) => `${describe(record.value ? Buffer.from(record.value, 'base64').toString() : '')}\t${reason}`);
  } catch {
    return ['no record of Kafka\t-\t-'];
  }
}
