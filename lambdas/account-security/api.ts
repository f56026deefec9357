import { randomUUID } from 'node:crypto';
import { eventType, variables } from '../contracts/names.ts';
import { defaultSettingsOf } from '../runtime/deployment.ts';
import { listOf, required } from '../runtime/environment.ts';
import { publisherOf } from '../runtime/bus.ts';
import { erasureOf } from '../runtime/erasure.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { tablesClient } from '../runtime/tables.ts';
import { factsStore } from './facts-store.ts';
import { getSettings, getVerdict, putSettings, type Services } from './routes.ts';
import { settingsStore } from './settings-store.ts';
import { accountTables } from './tables.ts';
import { deleteTrip, getTrips, postTrip } from './trips.ts';
import { verdictStore } from './verdict-store.ts';

export const handler = httpFunction<Services>({
  service: 'account-security',
  routes: {
    'GET /v1/me/security-settings': getSettings,
    'PUT /v1/me/security-settings': putSettings,
    'GET /v1/me/verdicts/{loginId}': getVerdict,
    'GET /v1/me/trips': getTrips,
    'POST /v1/me/trips': postTrip,
    'DELETE /v1/me/trips/{id}': deleteTrip,
  },
  publisher: (env) => publisherOf(env, [eventType('settings.changed')]),
  services: (env, _, publisher) => {
    const tables = tablesClient();
    const now = () => new Date();
    const [facts, settings] = accountTables(env);
    const defaults = defaultSettingsOf(env);
    return {
      settings: settingsStore(tables, required(env, variables.table('security-settings')), defaults, randomUUID),
      verdicts: verdictStore(tables, required(env, variables.table('verdicts'))),
      facts: factsStore(tables, required(env, variables.table('account-facts'))),
      // The tombstones lie beside the facts, of which this function writes none: it drops what it may have written.
      erasure: { isErased: erasureOf(tables, [facts], now).isErased, drop: erasureOf(tables, [settings], now).drop },
      publisher,
      defaults,
      accountClaim: required(env, variables.accountClaim),
      trustedMethods: listOf(env, variables.trustedMethods),
      newId: randomUUID,
      now,
    };
  },
});
