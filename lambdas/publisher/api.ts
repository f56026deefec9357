import { randomBytes } from 'node:crypto';
import { outsideEventNames } from '../contracts/names.ts';
import { publisherOf } from '../runtime/environment.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { postEvents, postLogins, type Services } from './handler.ts';

export const handler = httpFunction<Services>({
  service: 'publisher',
  routes: { 'POST /v1/logins': postLogins, 'POST /v1/events': postEvents },
  services: (env) => ({
    publisher: publisherOf(env, ['login.submitted', ...outsideEventNames]),
    now: () => new Date(),
    random: () => randomBytes(16),
  }),
});
