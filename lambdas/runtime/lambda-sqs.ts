import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type EventName, eventType, variables } from '../contracts/names.ts';
import { consumer, type Handlers, type ServiceErasure } from './consumer.ts';
import { clientDefaults, type Environment, publisherOf, required } from './environment.ts';
import { once } from './once.ts';
import { recordQueue } from './record-queue.ts';
import { powertools, type Telemetry } from './telemetry.ts';

/** What a service's `consumer.ts` says of itself. */
export interface ConsumerDefinition<S> {
  readonly service: string;
  readonly handlers: Handlers<S>;
  readonly publishes: readonly EventName[];
  /** How the service forgets an account; a service without data of accounts has none. */
  readonly erasure?: (env: Environment) => ServiceErasure;
  /** Builds what the handlers depend on, once a container. */
  readonly services: (env: Environment, telemetry: Telemetry) => S | Promise<S>;
}

/**
 * The Lambda function of a consumer. All that it depends on is built at its first invocation; at import nothing is
 * connected and nothing read.
 */
export function sqsFunction<S>(definition: ConsumerDefinition<S>): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return once(async () => {
    const env = process.env;
    const telemetry = powertools(definition.service);
    const urls = { queue: required(env, variables.queueUrl), deadLetterQueue: required(env, variables.deadLetterQueueUrl) };
    return consumer({
      service: definition.service,
      handlers: definition.handlers,
      services: await definition.services(env, telemetry),
      erasure: definition.erasure?.(env),
      publisher: publisherOf(env, definition.publishes.map(eventType)),
      queue: recordQueue(new SQSClient({ ...clientDefaults, useQueueUrlAsEndpoint: false }), urls, Math.random),
      telemetry,
      now: () => new Date(),
    });
  });
}
