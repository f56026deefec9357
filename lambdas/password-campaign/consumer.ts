import { randomUUID } from 'node:crypto';
import { staleAfterSchema } from '../contracts/actions.ts';
import { variables } from '../contracts/names.ts';
import { type Environment, jsonOf, required } from '../runtime/environment.ts';
import { erasureOf } from '../runtime/erasure.ts';
import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { tablesClient } from '../runtime/tables.ts';
import { deployedCampaigns } from './deployed-campaigns.ts';
import { askAfterUnlock, askOldPassword, keepPasswordChange, type Services } from './handler.ts';
import { progressStore } from './store.ts';

const now = () => new Date();
const accountsOf = (env: Environment): string => required(env, variables.table('campaign-accounts'));
const erasureFrom = (env: Environment) => erasureOf(tablesClient(), [{ table: accountsOf(env), sortKey: 'entry' }], now);

export const handler = consumerFunction<Services>({
  service: 'password-campaign',
  handlers: { 'login.submitted': askOldPassword, 'password.changed': keepPasswordChange, 'challenge.verified': askAfterUnlock },
  publishes: ['action.requested', 'account.erasure_reported'],
  erasure: (env) => ({ ...erasureFrom(env), checkedByHandler: ['login.submitted'] }),
  services: async (env) => {
    const names = { accounts: accountsOf(env), counts: required(env, variables.table('campaign-counts')) };
    return {
      campaigns: await deployedCampaigns(env),
      progress: progressStore(tablesClient(), names, now, randomUUID),
      erasure: erasureFrom(env),
      staleAfterSeconds: jsonOf(env, variables.staleAfterSeconds, staleAfterSchema),
      now,
    };
  },
});
