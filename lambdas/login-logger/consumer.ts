import { variables } from '../contracts/names.ts';
import { type Environment, listOf, required } from '../runtime/environment.ts';
import { erasureOf } from '../runtime/erasure.ts';
import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { tablesClient } from '../runtime/tables.ts';
import { keepHomeCountries, keepOutcome, keepVerdict, recordLogin, type Services } from './handler.ts';
import { keys } from './keys.ts';
import { historyStore } from './store.ts';

/** The records of a batch are written at about the same time, and read their accounts together: longer than DynamoDB's answers lie apart, and nothing beside the batching window. */
const gatherMilliseconds = 5;

export const handler = consumerFunction<Services>({
  service: 'login-logger',
  handlers: {
    'login.located': recordLogin,
    'settings.changed': keepHomeCountries,
    'verdict.decided': keepVerdict,
    'action.completed': keepOutcome,
  },
  publishes: ['login.recorded', 'account.erasure_reported'],
  erasure: (env) => ({ ...forgetting(env), checkedByHandler: ['login.located'] }),
  services: (env, telemetry) => ({
    history: historyStore(tablesClient(), required(env, variables.table('login-history')), () => new Date(), gatherMilliseconds),
    erasure: forgetting(env),
    telemetry,
    defaultHomeCountries: listOf(env, variables.homeCountries),
  }),
});

/** The item of an account, which is read with every login, becomes its tombstone. */
function forgetting(env: Environment) {
  const table = required(env, variables.table('login-history'));
  return erasureOf(tablesClient(), [{ table, sortKey: 'entry', tombstone: keys.account }], () => new Date());
}
