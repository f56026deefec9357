import type { CloudEvent } from '../contracts/cloud-event.ts';
import type { Subscription } from '../contracts/subscriptions.ts';
import { ageOf, type EventLine, eventMessage, idsOf, isTold } from '../runtime/event-log.ts';
import type { SubscriptionTelemetry } from '../runtime/telemetry.ts';
import type { Delivery } from './answer.ts';

interface TellingParts {
  readonly subscription: Pick<Subscription, 'name'>;
  readonly telemetry: SubscriptionTelemetry;
  readonly now: () => Date;
}

/** What operators are told of a subscription's events, one line each time that one was tried, and what is counted of how it ended. */
export function tellingOf({ subscription, telemetry, now }: TellingParts) {
  const about = (event: CloudEvent) => ({ ...idsOf(event), ageSeconds: ageOf(event, now()), subscription: subscription.name });
  const countParked = (): void => {
    telemetry.count('Parked');
    telemetry.count('Rejected');
  };

  return {
    /** It ended here, and what followed from it is on the bus. */
    done: (event: CloudEvent, { kind }: Delivery, followed: readonly CloudEvent[]): void => {
      if (followed.length === 0) telemetry.count('Swallowed');
      const age = ageOf(event, now());
      if (age !== undefined) telemetry.measure('EventAge', age);
      if (!isTold(event, followed)) return;
      const emitted = followed.map(({ type }) => type);
      telemetry.info(eventMessage, { ...about(event), outcome: emitted.length > 0 ? 'emitted' : 'swallowed', emitted, delivery: kind } satisfies EventLine);
    },

    /** It comes back, because the endpoint does not work or refused it, or the bus did not confirm what followed. */
    failed: (event: CloudEvent, record: string, { kind }: Delivery, reason: string): void => {
      telemetry.count('Failed');
      telemetry.error(eventMessage, { ...about(event), outcome: 'failed', record, reason: inOurWords(reason), delivery: kind } satisfies EventLine);
    },

    /** The endpoint refused it for good. */
    parked: (event: CloudEvent, record: string, reason: string): void => {
      countParked();
      telemetry.error(eventMessage, { ...about(event), outcome: 'parked', record, reason: inOurWords(reason), delivery: 'refused' } satisfies EventLine);
    },

    /** It was no event. */
    bad: (record: string, reason: string): void => {
      countParked();
      telemetry.error(eventMessage, { subscription: subscription.name, outcome: 'parked', record, reason } satisfies EventLine);
    },
  };
}

/** A reason without what the endpoint said, which may be anything: that is kept beside the event, not in logs. */
const inOurWords = (reason: string): string => /^(status|reply) \d+(?=:)/.exec(reason)?.[0] ?? reason;
