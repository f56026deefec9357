import { randomUUID } from 'node:crypto';
import { eventType, variables } from '../contracts/names.ts';
import { defaultSettingsOf, deploymentModeOf } from '../runtime/deployment.ts';
import { required } from '../runtime/environment.ts';
import { publisherOf } from '../runtime/bus.ts';
import { bundledGeoDatabase } from '../runtime/geo/bundled-geo-database.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { tablesClient } from '../runtime/tables.ts';
import { checkAccess, getMyStanding, getStanding, type Services, unlockBySupport } from './routes.ts';
import { standingStore } from './store.ts';

export const handler = httpFunction<Services>({
  service: 'account-standing',
  routes: {
    'POST /v1/access-checks': checkAccess,
    'GET /v1/accounts/{accountId}/standing': getStanding,
    'GET /v1/me/standing': getMyStanding,
    'POST /v1/accounts/{accountId}/unlock': unlockBySupport,
  },
  publisher: (env) => publisherOf(env, [eventType('account.standing_changed')]),
  services: async (env, telemetry, publisher) => ({
    standings: standingStore(tablesClient(), required(env, variables.table('standings'))),
    geoDatabase: await bundledGeoDatabase(env),
    defaults: defaultSettingsOf(env),
    mode: deploymentModeOf(env),
    publisher,
    telemetry,
    accountClaim: required(env, variables.accountClaim),
    newId: randomUUID,
    now: () => new Date(),
  }),
});
