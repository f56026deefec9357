import { variables } from '../../lambdas/contracts/names.ts';
import type { Function, Model } from '../model.ts';

/** A service, or a subscription of the http-bridge, with what the templates gave it. */
export interface Party {
  readonly name: string;
  /** The service whose code it runs. */
  readonly service: string;
  /** What is deployed of the subscription, as JSON. */
  readonly subscription: string | undefined;
  readonly functions: readonly Function[];
  /** Topics, by ARN on SNS and by name on Kafka. */
  readonly publishesTo: ReadonlySet<string>;
  readonly consumesFrom: ReadonlySet<string>;
}

/** All that emit or take events, as the templates have them. */
export function partiesOf(model: Model): Party[] {
  const topics = new Set([...model.topics.map(({ arn }) => arn), ...(model.kafka?.topics.map(({ name }) => name) ?? [])]);
  const byName = Map.groupBy(model.functions, nameOf);
  return [...byName].map(([name, functions]) => ({
    name,
    service: functions[0]?.environment['POWERTOOLS_SERVICE_NAME'] ?? name,
    subscription: functions[0]?.environment[variables.subscription],
    functions,
    publishesTo: new Set(functions.flatMap(({ environment }) => Object.values(environment).filter((value) => topics.has(value)))),
    consumesFrom: new Set(functions.flatMap((each) => topicsInto(each, model))),
  }));
}

/** A function of a subscription is named by it, every other by its service. */
const nameOf = ({ name, environment }: Function): string => {
  const subscription = environment[variables.subscription];
  return subscription === undefined ? (environment['POWERTOOLS_SERVICE_NAME'] ?? name) : (JSON.parse(subscription) as { name: string }).name;
};

function topicsInto({ name }: Function, { eventSourceMappings, subscriptions, kafka }: Model): string[] {
  const queues = new Set(eventSourceMappings.filter(({ functionName }) => functionName === name).map(({ queueArn }) => queueArn));
  return [
    ...subscriptions.filter(({ queueArn }) => queues.has(queueArn)).map(({ topicArn }) => topicArn),
    ...(kafka?.mappings.filter(({ functionName }) => functionName === name).map(({ topic }) => topic) ?? []),
  ];
}
