import { eventType, variables } from '../contracts/names.ts';
import { listOf, required } from '../runtime/environment.ts';
import { publisherOf } from '../runtime/bus.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { linkSecretOf } from '../runtime/link-secret.ts';
import { tablesClient } from '../runtime/tables.ts';
import { confirmLogin, disputeLogin, disputeByLink, type Services as DisputeServices, showNotMe } from './disputes.ts';
import { historyReader } from './reader.ts';
import { getAccountLogins, getMyLogins, type Services } from './routes.ts';
import { historyStore } from './store.ts';

export const handler = httpFunction<Omit<Services, 'history'> & Omit<DisputeServices, 'history'> & { history: Services['history'] & DisputeServices['history'] }>({
  service: 'login-logger',
  routes: {
    'GET /v1/me/logins': getMyLogins,
    'GET /v1/accounts/{accountId}/logins': getAccountLogins,
    'POST /v1/me/logins/{loginId}/dispute': disputeLogin,
    'POST /v1/me/logins/{loginId}/confirm': confirmLogin,
    'GET /v1/not-me': showNotMe,
    'POST /v1/not-me': disputeByLink,
  },
  publisher: (env) => publisherOf(env, [eventType('login.recorded')]),
  services: (env, _, publisher) => {
    const tables = tablesClient();
    const table = required(env, variables.table('login-history'));
    const now = () => new Date();
    return {
      history: { ...historyStore(tables, table, now), ...historyReader(tables, table, now) },
      accountClaim: required(env, variables.accountClaim),
      defaultHomeCountries: listOf(env, variables.homeCountries),
      publisher,
      linkSecret: linkSecretOf(env),
      now,
    };
  },
});
