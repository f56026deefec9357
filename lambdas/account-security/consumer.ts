import { variables } from '../contracts/names.ts';
import { listOf, required } from '../runtime/environment.ts';
import { sqsFunction } from '../runtime/lambda-sqs.ts';
import { tablesClient } from '../runtime/tables.ts';
import { judge, keepOutcome, type Services } from './handler.ts';
import { settingsStore } from './settings-store.ts';
import { verdictStore } from './verdict-store.ts';

export const handler = sqsFunction<Services>({
  service: 'account-security',
  handlers: { 'login.recorded': judge, 'action.completed': keepOutcome },
  publishes: ['verdict.decided', 'action.requested'],
  services: (env) => {
    const tables = tablesClient();
    return {
      settings: settingsStore(tables, required(env, variables.table('security-settings')), listOf(env, variables.homeCountries)),
      verdicts: verdictStore(tables, required(env, variables.table('verdicts'))),
    };
  },
});
