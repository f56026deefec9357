import { variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { erasureOf } from '../runtime/erasure.ts';
import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { tablesClient } from '../runtime/tables.ts';
import { copySettings, lockAccount, type Services, unlockAccount } from './handler.ts';
import { standingStore } from './store.ts';

export const handler = consumerFunction<Services>({
  service: 'account-standing',
  handlers: { 'action.requested': lockAccount, 'challenge.verified': unlockAccount, 'settings.changed': copySettings },
  publishes: ['account.standing_changed', 'action.completed', 'account.erasure_reported'],
  erasure: (env) => erasureOf(tablesClient(), [{ table: required(env, variables.table('standings')) }], () => new Date()),
  services: (env, telemetry) => ({
    standings: standingStore(tablesClient(), required(env, variables.table('standings'))),
    locksPerHour: Number(required(env, variables.locksPerHour)),
    telemetry,
    now: () => new Date(),
  }),
});
