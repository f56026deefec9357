import { variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { tablesClient } from '../runtime/tables.ts';
import { historyReader } from './reader.ts';
import { getAccountLogins, getMyLogins, type Services } from './routes.ts';

export const handler = httpFunction<Services>({
  service: 'login-logger',
  routes: { 'GET /v1/me/logins': getMyLogins, 'GET /v1/accounts/{accountId}/logins': getAccountLogins },
  services: (env) => ({
    history: historyReader(tablesClient(), required(env, variables.table('login-history')), () => new Date()),
    accountClaim: required(env, variables.accountClaim),
  }),
});
