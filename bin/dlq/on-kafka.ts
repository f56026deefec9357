import { expiredFolder, expiredPrefix, givenUpFolder, parkedFolder, parkedPrefix } from '../../lambdas/contracts/names.ts';
import type { Names } from '../../lib/names.ts';
import { type Bridge, services } from '../../lib/services.ts';
import { chunks } from '../../lambdas/runtime/chunks.ts';
import type { Invoke } from './lambda.ts';
import type { Objects, Stored } from './objects.ts';
import { type Job, redriveOf } from './redrive.ts';
import { meantOf, selected } from './select.ts';
import { type Choice, type Pile, type Progress, type Undelivered, type Where } from './undelivered.ts';
import { waitingIn } from './waiting.ts';

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
  readonly progress: Progress;
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
/** Records that are discarded together. */
const discardedAtOnce = 100;

/** On Kafka: records in the on-failure bucket of each service, and in that of the http-bridge. */
export function onKafka({ names, onFailure, bridge, mustDeliver, invoke, now, sleep, progress }: Parts): Undelivered {
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

  function ownerOf({ name, isAside }: Where): Owner {
    if (isAside) return ofSubscription(name, expiredPrefix(name));
    const objects = onFailure.get(name);
    const batchSize = services.find((each) => each.name === name)?.consumer?.batchSize;
    if (objects && batchSize) return { objects, functionName: names.resource(name, 'consumer'), folder: parkedFolder, batchFolder: givenUpFolder, parkedFolder, batchSize };
    if (name.startsWith(bridgePrefix)) return ofSubscription(name.slice(bridgePrefix.length), parkedPrefix(name.slice(bridgePrefix.length)));
    throw new Error(`${name} is no service with an on-failure bucket, nor http-bridge-SUBSCRIPTION; npm run dlq -- list shows them.`);
  }

  async function giveBack(where: Where, choice: Choice): Promise<string[]> {
    const { objects, ...job } = ownerOf(where);
    const { done, stay } = await redriveOf({ objects, invoke, sleep, progress })(job, choice);
    return [`${done} records of ${where.name} are done.`, ...[...stay].map(([why, count]) => `${count} stay: ${why}`)];
  }

  return {
    list: async () => {
      const piles: Pile[] = [];
      for (const [service, objects] of [...onFailure].toSorted(([a], [b]) => a.localeCompare(b))) {
        const [parked, givenUp] = await Promise.all([objects.below(parkedFolder), objects.below(givenUpFolder)]);
        piles.push(pileOf(service, 'parked', parked));
        // A batch that was given up holds one record as a rule, because mappings cut batches that fail.
        if (givenUp.length > 0) piles.push(pileOf(service, 'given up by AWS Lambda', givenUp));
      }
      const bySubscription = async (folder: string) => Map.groupBy(await bridge.below(folder), ({ key }) => key.split('/')[1] ?? '');
      for (const [subscription, parked] of await bySubscription(parkedFolder)) piles.push(pileOf(`${bridgePrefix}${subscription}`, 'parked', parked));
      for (const [subscription, aside] of await bySubscription(expiredFolder)) piles.push(pileOf(subscription, 'put aside', aside));
      return piles;
    },

    look: async (where, choice, max) => {
      const owner = ownerOf(where);
      const { waiting } = await waitingIn(owner.objects, owner);
      return (await meantOf(owner.objects, waiting, choice, max)).map(({ found }) => found);
    },

    redrive: async (name, choice) => {
      if (!onFailure.has(name) && name.startsWith(bridgePrefix)) mustDeliver(name.slice(bridgePrefix.length));
      return await giveBack({ name, isAside: false }, choice);
    },

    restore: async (subscription, choice) => {
      mustDeliver(subscription);
      return await giveBack({ name: subscription, isAside: true }, choice);
    },

    discard: async (where, choice, record) => {
      const { objects, ...folders } = ownerOf(where);
      const { waiting } = await selected(objects, folders, choice);
      let done = 0;
      for (const some of chunks(waiting, discardedAtOnce)) {
        record((await meantOf(objects, some, {})).map(({ found }) => found));
        for (const source of new Set(some.flatMap(({ sources }) => sources))) {
          source.undone -= some.filter(({ sources }) => sources.includes(source)).length;
          // One that was written again meanwhile holds a failure that nobody has seen.
          if (source.undone <= 0 && (await objects.version(source.key)) === source.version) await objects.remove(source.key);
        }
        done += some.length;
        progress(done, waiting.length);
      }
    },
  };
}

const pileOf = (name: string, what: string, stored: readonly Stored[]): Pile => ({
  name,
  count: stored.length,
  what,
  oldest: stored.length > 0 ? Math.min(...stored.map(({ modifiedAt }) => modifiedAt)) : undefined,
});
