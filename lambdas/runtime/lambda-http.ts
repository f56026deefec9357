import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { variables } from '../contracts/names.ts';
import { counted } from './counted.ts';
import { type Environment, required } from './environment.ts';
import { httpApi, type Route } from './http.ts';
import { once } from './once.ts';
import type { Publisher } from './publisher.ts';
import { powertools, type Telemetry } from './telemetry.ts';

/** What a service's `api.ts` says of itself. */
export interface HttpDefinition<S> {
  readonly service: string;
  /** By route key of the HTTP API: `POST /v1/logins`. */
  readonly routes: Readonly<Record<string, Route<S>>>;
  /** Of the types that the routes publish; the runtime counts what comes of it. Left out where they publish nothing. */
  readonly publisher?: (env: Environment) => Publisher | Promise<Publisher>;
  /** Builds what the routes depend on, once a container. */
  readonly services: (env: Environment, telemetry: Telemetry, publisher: Publisher) => S | Promise<S>;
}

/** The Lambda function of a service's HTTP routes; nothing is connected or read at import. */
export function httpFunction<S>(
  definition: HttpDefinition<S>,
): (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2> {
  return once(async () => {
    const env = process.env;
    const telemetry = powertools({ env: required(env, variables.env), service: definition.service });
    const publisher = counted((await definition.publisher?.(env)) ?? noPublisher, telemetry);
    const run = httpApi(definition.routes, await definition.services(env, telemetry, publisher), telemetry);
    return async (event: APIGatewayProxyEventV2, context: Context) => run(event, context);
  });
}

const noPublisher: Publisher = { publish: () => Promise.reject(new Error('These routes publish nothing.')) };
