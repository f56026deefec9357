import { randomBytes } from 'node:crypto';
import { eventType, variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { publisherOf } from '../runtime/bus.ts';
import { httpFunction } from '../runtime/lambda-http.ts';
import { tablesClient } from '../runtime/tables.ts';
import { accountStore } from './account-store.ts';
import { askAsAnyone, askAsPlayer, type Services, verifyAsAnyone, verifyAsPlayer } from './routes.ts';
import { answerStore } from './store.ts';

export const handler = httpFunction<Services>({
  service: 'account-unlock',
  routes: {
    'POST /v1/me/challenges': askAsPlayer,
    'POST /v1/me/challenges/verify': verifyAsPlayer,
    'POST /v1/unlock-challenges': askAsAnyone,
    'POST /v1/unlock-challenges/verify': verifyAsAnyone,
  },
  publisher: (env) => publisherOf(env, [eventType('challenge.requested'), eventType('challenge.verified')]),
  services: (env, _, publisher) => {
    const tables = tablesClient();
    const now = () => new Date();
    return {
      answers: answerStore(tables, required(env, variables.table('challenges')), now),
      accounts: accountStore(tables, required(env, variables.table('challenge-accounts'))),
      publisher,
      accountClaim: required(env, variables.accountClaim),
      randomBytes: () => randomBytes(32),
      now,
    };
  },
});
