import { eventNames, type EventName, eventType, variables } from '../../lambdas/contracts/names.ts';
import type { Service } from '../../lib/services.ts';
import type { CloudWatch } from '../cloudwatch/types.ts';
import type { Model } from '../model.ts';
import { readAlarms, worstOf } from './alarms.ts';
import { type BacklogParts, readBacklogs } from './backlogs.ts';
import { type Figures, figuresOf } from './figures.ts';
import { type Party, partiesOf } from './parties.ts';
import { breakerReader, readSubscriptions } from './subscriptions.ts';
import { shownLogins, type Tap } from './tap.ts';
import type { Backlog, ConsoleAlarm, ConsoleState, Flow, Stage, SubscriptionState } from './types.ts';
import { columnsOf, hopsOf } from './way.ts';

export interface StateParts extends BacklogParts {
  readonly services: readonly Service[];
  /** URL of the DynamoDB with the tables. */
  readonly tablesUrl: string;
  readonly tap: Tap;
  readonly cloudWatch: CloudWatch;
}

/** Looks at the run, for the console. */
export interface StateReader {
  read(minutes: number): Promise<ConsoleState>;
  close(): void;
}

/** The topic of an event type: its ARN on SNS, its name on Kafka; as the functions that publish to it have it. */
export const topicIn =
  ({ functions }: Model) =>
  (event: EventName): string =>
    functions.map(({ environment }) => environment[variables.topic(event)]).find((topic) => topic !== undefined) ?? event;

export function stateReader(parts: StateParts): StateReader {
  const { model, services, tap, cloudWatch, clock } = parts;
  const since = clock.now();
  const order = services.map(({ name }) => name);
  const parties = partiesOf(model).toSorted((a, b) => order.indexOf(a.service) - order.indexOf(b.service) || a.name.localeCompare(b.name));
  const breakers = breakerReader(parts.tablesUrl, parties);
  const hops = hopsOf(services);
  const flows = flowsOf(model, parties, hops);

  return {
    read: async (minutes) => {
      const figures = figuresOf(cloudWatch, minutes);
      const [backlogs, breakersNow] = await Promise.all([readBacklogs(parties, parts), breakers.read()]);
      const alarms = readAlarms(cloudWatch.alarms());
      const subscriptions = readSubscriptions(parties, breakersNow, parts.buckets);
      return {
        at: clock.now(),
        since,
        minutes,
        bus: model.kafka ? 'kafka' : 'sns',
        stages: stagesOf({ services, parties, hops, figures, backlogs, alarms, subscriptions }),
        flows: flows.map(({ topic, ...flow }) => ({ ...flow, count: tap.count(topic, minutes) })),
        backlogs,
        subscriptions,
        logins: tap.logins(shownLogins),
        alarms,
      };
    },
    close: breakers.close,
  };
}

/** The event types that somebody emits or takes, by topic, in the order of a login's way. */
function flowsOf(model: Model, parties: readonly Party[], hops: ReadonlyMap<EventName, number>): (Omit<Flow, 'count'> & { readonly topic: string })[] {
  const topicOf = topicIn(model);
  const ours = new Map(eventNames.map((event) => [topicOf(event), event]));
  const last = hops.size;
  const named = (takes: (party: Party) => boolean): string[] => parties.filter(takes).map(({ name }) => name);
  return [...new Set(parties.flatMap(({ publishesTo, consumesFrom }) => [...publishesTo, ...consumesFrom]))]
    .map((topic) => {
      const event = ours.get(topic);
      return {
        topic,
        event: event ?? topic.replace(/^.*-bus-/, ''),
        hop: event === undefined ? null : (hops.get(event) ?? null),
        from: named(({ publishesTo }) => publishesTo.has(topic)),
        to: named(({ consumesFrom }) => consumesFrom.has(topic)),
      };
    })
    .toSorted((a, b) => (a.hop ?? last) - (b.hop ?? last) || a.event.localeCompare(b.event));
}

interface StageParts {
  readonly services: readonly Service[];
  readonly parties: readonly Party[];
  readonly hops: ReadonlyMap<EventName, number>;
  readonly figures: Figures;
  readonly backlogs: readonly Backlog[];
  readonly alarms: readonly ConsoleAlarm[];
  readonly subscriptions: readonly SubscriptionState[];
}

/** Who neither takes nor emits events only looks on. */
const isStage = ({ consumer, bridge, emits }: Service): boolean => consumer !== undefined || bridge !== undefined || emits.length > 0;

function stagesOf({ services, parties, hops, figures, backlogs, alarms, subscriptions }: StageParts): Stage[] {
  const subscribed = new Set(subscriptions.flatMap(({ eventTypes }) => eventTypes));
  const columns = columnsOf(services, hops, eventNames.filter((event) => subscribed.has(eventType(event))));
  return services
    .filter(isStage)
    .map(({ name, purpose, consumer, bridge }): Stage => {
      const names = new Set(parties.filter(({ service }) => service === name).map((party) => party.name));
      const counted = figures.of(name);
      const behind = backlogs.filter(({ consumer }) => names.has(consumer));
      const own = alarms.filter((alarm) => alarm.name.includes(`-${name}-`));
      return {
        name,
        purpose,
        column: columns.get(name) ?? 0,
        figures: consumer ?? bridge ? counted : { ...counted, received: counted.emitted },
        ageP50: figures.age(name, 'p50'),
        ageP99: figures.age(name, 'p99'),
        waiting: behind.reduce((sum, { waiting, inFlight }) => sum + waiting + (inFlight ?? 0), 0),
        dead: behind.reduce((sum, { dead, undelivered }) => sum + dead + (undelivered ?? 0), 0),
        alarm: worstOf(own),
      };
    })
    .toSorted((a, b) => a.column - b.column);
}
