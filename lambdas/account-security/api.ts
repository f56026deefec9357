import { eventType, variables } from '../contracts/names.ts';
import { listOf, publisherOf, required } from '../runtime/environment.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { tablesClient } from '../runtime/tables.ts';
import { getSettings, getVerdict, putSettings, type Services } from './routes.ts';
import { settingsStore } from './settings-store.ts';
import { verdictStore } from './verdict-store.ts';

export const handler = httpFunction<Services>({
  service: 'account-security',
  routes: {
    'GET /v1/me/security-settings': getSettings,
    'PUT /v1/me/security-settings': putSettings,
    'GET /v1/me/verdicts/{loginId}': getVerdict,
  },
  services: (env) => {
    const tables = tablesClient();
    const defaultHomeCountries = listOf(env, variables.homeCountries);
    return {
      settings: settingsStore(tables, required(env, variables.table('security-settings')), defaultHomeCountries),
      verdicts: verdictStore(tables, required(env, variables.table('verdicts'))),
      publisher: publisherOf(env, [eventType('settings.changed')]),
      defaultHomeCountries,
      accountClaim: required(env, variables.accountClaim),
      trustedMethods: listOf(env, variables.trustedMethods),
      now: () => new Date(),
    };
  },
});
