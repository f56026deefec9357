import type { ScheduledEvent } from 'aws-lambda';
import { variables } from '../contracts/names.ts';
import { type Environment, required } from './environment.ts';
import { once } from './once.ts';
import { powertools, type Telemetry } from './telemetry.ts';

/** What a service's `schedule.ts` says of itself. */
export interface ScheduleDefinition<S> {
  readonly service: string;
  /** @param time for which it is called, of which EventBridge keeps the distance */
  readonly work: (time: Date, services: S) => Promise<void>;
  /** Builds what the work depends on, once a container. */
  readonly services: (env: Environment, telemetry: Telemetry) => S | Promise<S>;
}

/** The Lambda function that a rule of EventBridge calls; nothing is connected or read at import. */
export function scheduleFunction<S>(definition: ScheduleDefinition<S>): (event: Pick<ScheduledEvent, 'time'>) => Promise<void> {
  return once(async () => {
    const env = process.env;
    const telemetry = powertools({ env: required(env, variables.env), service: definition.service });
    const services = await definition.services(env, telemetry);
    return async ({ time }: Pick<ScheduledEvent, 'time'>) => {
      try {
        await definition.work(new Date(time), services);
      } finally {
        telemetry.flush();
      }
    };
  });
}
