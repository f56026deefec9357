import type { Context } from 'aws-lambda';
import { type EventName, eventType, variables } from '../contracts/names.ts';
import { inboxOf, publisherOf } from './bus.ts';
import { consumer, type ConsumerParts, type Handlers, type ServiceErasure } from './consumer.ts';
import { type Environment, required } from './environment.ts';
import { once } from './once.ts';
import { powertools, type Telemetry } from './telemetry.ts';

/** What a service's `consumer.ts` says of itself. */
export interface ConsumerDefinition<S> {
  readonly service: string;
  readonly handlers: Handlers<S>;
  readonly publishes: readonly EventName[];
  /** How the service forgets an account; a service without data of accounts has none. */
  readonly erasure?: (env: Environment) => ServiceErasure;
  readonly measures?: ConsumerParts<S>['measures'];
  /** Builds what the handlers depend on, once a container. */
  readonly services: (env: Environment, telemetry: Telemetry) => S | Promise<S>;
}

/**
 * The Lambda function of a consumer, on either bus. All that it depends on is built at its first invocation; at import nothing is
 * connected and nothing read.
 */
export function consumerFunction<S>(definition: ConsumerDefinition<S>): (event: unknown, context: Context) => Promise<unknown> {
  return once(async () => {
    const env = process.env;
    const telemetry = powertools({ env: required(env, variables.env), service: definition.service });
    const run = consumer({
      service: definition.service,
      handlers: definition.handlers,
      services: await definition.services(env, telemetry),
      erasure: definition.erasure?.(env),
      publisher: publisherOf(env, definition.publishes.map(eventType)),
      measures: definition.measures,
      inbox: await inboxOf(env),
      telemetry,
      now: () => new Date(),
    });
    return (event: unknown, context: Context) => run(event, new Date(Date.now() + context.getRemainingTimeInMillis()));
  });
}
