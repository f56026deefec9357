import { variables } from '../contracts/names.ts';
import { listOf, required } from '../runtime/environment.ts';
import { sqsFunction } from '../runtime/lambda-sqs.ts';
import { tablesClient } from '../runtime/tables.ts';
import { keepHomeCountries, keepOutcome, keepVerdict, recordLogin, type Services } from './handler.ts';
import { historyStore } from './store.ts';

export const handler = sqsFunction<Services>({
  service: 'login-logger',
  handlers: {
    'login.located': recordLogin,
    'settings.changed': keepHomeCountries,
    'verdict.decided': keepVerdict,
    'action.completed': keepOutcome,
  },
  publishes: ['login.recorded'],
  services: (env) => ({
    history: historyStore(tablesClient(), required(env, variables.table('login-history'))),
    defaultHomeCountries: listOf(env, variables.homeCountries),
  }),
});
