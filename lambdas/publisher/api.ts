import { randomBytes } from 'node:crypto';
import { eventType, outsideEventNames, variables } from '../contracts/names.ts';
import { declaredTypesOf } from '../runtime/declared-types.ts';
import { required } from '../runtime/environment.ts';
import { publisherOf } from '../runtime/bus.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { eraseAccount, outsideEventSchema, postEvents, postLogins, type Services } from './handler.ts';

export const handler = httpFunction<Services>({
  service: 'publisher',
  routes: { 'POST /v1/logins': postLogins, 'POST /v1/events': postEvents, 'DELETE /v1/accounts/{accountId}': eraseAccount },
  publisher: async (env) => {
    const open = (await declaredTypesOf(env)).filter(({ outsideProducers }) => outsideProducers).map(({ type }) => type);
    return publisherOf(env, [eventType('login.submitted'), eventType('account.erased'), ...outsideEventNames.map(eventType), ...open]);
  },
  services: async (env, telemetry, publisher) => ({
    publisher,
    outsideEvent: await outsideEventSchema(await declaredTypesOf(env)),
    now: () => new Date(),
    random: () => randomBytes(16),
    traceSampling: Number(required(env, variables.traceSampling)),
    telemetry,
  }),
});
