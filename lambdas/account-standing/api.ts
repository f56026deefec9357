import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { eventType, variables } from '../contracts/names.ts';
import { defaultSettingsOf, deploymentModeOf } from '../runtime/deployment.ts';
import { publisherOf, required } from '../runtime/environment.ts';
import { openGeoDatabase } from '../runtime/geo/geo-database.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { tablesClient } from '../runtime/tables.ts';
import { checkAccess, getStanding, type Services, unlockBySupport } from './routes.ts';
import { standingStore } from './store.ts';

export const handler = httpFunction<Services>({
  service: 'account-standing',
  routes: {
    'POST /v1/access-checks': checkAccess,
    'GET /v1/accounts/{accountId}/standing': getStanding,
    'POST /v1/accounts/{accountId}/unlock': unlockBySupport,
  },
  services: async (env) => ({
    standings: standingStore(tablesClient(), required(env, variables.table('standings'))),
    geoDatabase: await openGeoDatabase(
      fileURLToPath(new URL(required(env, variables.geoDatabase), import.meta.url)),
      required(env, variables.geoDatabaseName),
    ),
    defaults: defaultSettingsOf(env),
    mode: deploymentModeOf(env),
    publisher: publisherOf(env, [eventType('account.standing_changed')]),
    newId: randomUUID,
    now: () => new Date(),
  }),
});
