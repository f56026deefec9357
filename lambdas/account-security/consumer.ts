import { randomUUID } from 'node:crypto';
import { staleAfterSchema } from '../contracts/actions.ts';
import { variables } from '../contracts/names.ts';
import { jsonOf, required } from '../runtime/environment.ts';
import { erasureOf } from '../runtime/erasure.ts';
import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { tablesClient } from '../runtime/tables.ts';
import { defaultSettingsOf, deploymentModeOf } from '../runtime/deployment.ts';
import { factsStore } from './facts-store.ts';
import { judge, keepOutcome, keepProof, keepStanding, keepTimeZone, type Services } from './handler.ts';
import { settingsStore } from './settings-store.ts';
import { accountTables } from './tables.ts';
import { verdictStore } from './verdict-store.ts';

export const handler = consumerFunction<Services>({
  service: 'account-security',
  handlers: {
    'login.recorded': judge,
    'action.completed': keepOutcome,
    'challenge.verified': keepProof,
    'account.standing_changed': keepStanding,
    'contact.changed': keepTimeZone,
  },
  publishes: ['verdict.decided', 'action.requested', 'account.erasure_reported'],
  erasure: (env) => erasureOf(tablesClient(), [...accountTables(env), { table: required(env, variables.table('verdicts')), sortKey: 'entry' }], () => new Date()),
  services: (env, telemetry) => {
    const tables = tablesClient();
    return {
      settings: settingsStore(tables, required(env, variables.table('security-settings')), defaultSettingsOf(env), randomUUID),
      verdicts: verdictStore(tables, required(env, variables.table('verdicts'))),
      facts: factsStore(tables, required(env, variables.table('account-facts'))),
      staleAfterSeconds: jsonOf(env, variables.staleAfterSeconds, staleAfterSchema),
      mode: deploymentModeOf(env),
      telemetry,
    };
  },
});
