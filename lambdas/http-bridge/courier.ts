import * as z from 'zod/mini';
import { type CloudEvent, envelope } from '../contracts/cloud-event.ts';
import type { Subscription } from '../contracts/subscriptions.ts';
import type { Publisher } from '../runtime/publisher.ts';
import { reasonOf, type SubscriptionTelemetry } from '../runtime/telemetry.ts';
import type { Delivery, HoldCause } from './answer.ts';
import { type Breaker, type Breakers, changeBreaker, closed, failuresToOpen, opened, probing, secondsUntilProbe } from './breaker.ts';
import { deliver, type Services } from './handler.ts';
import { tellingOf } from './telling.ts';

/** What stands around a subscription's deliveries, on either bus. */
export interface CourierParts {
  readonly subscription: Pick<Subscription, 'name' | 'timeoutSeconds' | 'holdDays' | 'paused'>;
  /** Events that one invocation may have at the endpoint at once. */
  readonly share: number;
  readonly services: Services;
  readonly breakers: Breakers;
  readonly publisher: Publisher;
  readonly telemetry: SubscriptionTelemetry;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** An event that was tried, and its name on the bus. */
export interface Tried {
  readonly event: CloudEvent;
  readonly name: string;
}

/** How often the endpoint may refuse an event. */
export const refusalsAllowed = 3;
/** What an invocation needs after its last delivery: a publish that takes its whole time, and what is written down. */
const marginMilliseconds = 9000;

const metricOf: Readonly<Record<HoldCause, 'Unavailable' | 'Misconfigured' | 'Broken'>> = { unavailable: 'Unavailable', misconfigured: 'Misconfigured', broken: 'Broken' };

/** What both buses' ways to an endpoint are made of: tries that are counted, the breaker, and replies. */
export type Courier = ReturnType<typeof courierOf>;

export function courierOf({ subscription, services, breakers, publisher, telemetry, now, random }: CourierParts) {
  /** Failures in a row, over the batches of this container. */
  let failures = 0;
  const telling = tellingOf({ subscription, telemetry, now });

  return {
    ...telling,

    /** Whether so many deliveries failed in a row that the breaker is to open. */
    failsTooOften: (): boolean => failures >= failuresToOpen,

    /** Whether one delivery more fits into an invocation's time. */
    hasTime: (deadline: Date): boolean => now().getTime() + subscription.timeoutSeconds * 1000 + marginMilliseconds < deadline.getTime(),

    /** Delivers once, and counts what came of it. */
    attempt: async (event: CloudEvent, record: string): Promise<Delivery> => {
      // What throws is ours to mend, but nothing that its neighbours should wait for.
      const delivery = await deliver(event, services).catch((error: unknown): Delivery => ({ kind: 'held', cause: 'unavailable', reason: reasonOf(error) }));
      if (delivery.kind === 'stale') return delivery;
      if (delivery.kind !== 'held') {
        failures = 0;
        return delivery;
      }
      failures += 1;
      telemetry.count(metricOf[delivery.cause]);
      telling.failed(event, record, delivery, delivery.reason);
      return delivery;
    },

    /** Opens the breaker, or keeps it open for longer. When that cannot be kept, the next batch finds out for itself. */
    open: async (retryAfterSeconds: number | undefined): Promise<void> => {
      failures = 0;
      telemetry.measure('BreakerOpen', 1);
      telemetry.warn('The endpoint does not work; its events wait', { subscription: subscription.name, retryAfterSeconds });
      try {
        await changeBreaker(breakers, (breaker) => opened(breaker, now(), random, retryAfterSeconds));
      } catch (error) {
        telemetry.error('The breaker could not be opened', { subscription: subscription.name, reason: reasonOf(error) });
      }
    },

    /** The breaker, at the beginning of an invocation, which measures it. */
    readBreaker: async (): Promise<Breaker> => {
      const breaker = await breakers.read();
      telemetry.measure('BreakerOpen', breaker.state === 'open' ? 1 : 0);
      return breaker;
    },

    /** Claims the probe of an open breaker, when it is due and nobody else has it. */
    claimProbe: async (breaker: Breaker): Promise<boolean> =>
      secondsUntilProbe(breaker, now()) === 0 && breakers.replace(breaker, probing(breaker, now(), subscription.timeoutSeconds)),

    /** Closes the breaker after a probe that the endpoint answered. @returns it as it is then */
    resume: async (): Promise<Breaker> => {
      const resumed = await changeBreaker(breakers, (found) => closed(found, now()));
      telemetry.warn('The endpoint works again', { subscription: subscription.name });
      return resumed;
    },

    /** Seconds until the endpoint may be probed; 0 when nobody can tell. */
    secondsToWait: async (): Promise<number> => {
      const breaker = await breakers.read().catch(() => undefined);
      return breaker ? secondsUntilProbe(breaker, now()) : 0;
    },

    /** Publishes what followed from deliveries, and counts them. @returns those of which not all replies were confirmed: they are not done */
    publish: async <T extends Tried>(deliveries: ReadonlyMap<T, Delivery>): Promise<Set<T>> => {
      const repliesOf = (delivery: Delivery): readonly CloudEvent[] => ('replies' in delivery ? delivery.replies : []);
      const replies = [...deliveries.values()].flatMap(repliesOf);
      const unconfirmed = await publisher.publish(replies);
      const countOf = (of: Delivery['kind']) => [...deliveries.values()].filter(({ kind }) => kind === of).length;
      telemetry.count('Stale', countOf('stale'));
      telemetry.count('Delivered', countOf('done'));
      telemetry.count('Refused', countOf('refused'));
      telemetry.count('Emitted', replies.length - unconfirmed.size);
      telemetry.count('Unconfirmed', unconfirmed.size);
      const undone = new Set<T>();
      for (const [tried, delivery] of deliveries) {
        const reason = repliesOf(delivery).map((reply) => unconfirmed.get(reply)).find((each) => each !== undefined);
        if (reason !== undefined) {
          undone.add(tried);
          telling.failed(tried.event, tried.name, delivery, `The bus did not confirm: ${reason}`);
        } else if (delivery.kind !== 'refused') telling.done(tried.event, delivery, repliesOf(delivery));
      }
      return undone;
    },
  };
}

/** An event that an endpoint may get: any of ours, or of the company's own. */
const bridgedEvent = z.extend(envelope, { data: z.unknown() });

/** The event in a record's body, or nothing when it is none. */
export function eventIn(body: string): CloudEvent | undefined {
  try {
    return bridgedEvent.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
