import { randomInt } from 'node:crypto';
import { variables } from '../contracts/names.ts';
import { awsChannels } from '../runtime/aws-channels.ts';
import { contactStore } from '../runtime/contacts.ts';
import { type Environment, required } from '../runtime/environment.ts';
import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { tablesClient } from '../runtime/tables.ts';
import { accountStore } from './account-store.ts';
import { challengeErasure } from './erasure.ts';
import { answerAsking, keepContact, keepStanding, type Services } from './handler.ts';
import { limitStore } from './limit-store.ts';
import { challengeStore } from './store.ts';

/** How long a contact is kept after the next took its place: of a locked account, the one of before the lock gets the codes. */
const supersededDays = 90;

export const handler = consumerFunction<Services>({
  service: 'account-unlock',
  handlers: { 'challenge.requested': answerAsking, 'contact.changed': keepContact, 'account.standing_changed': keepStanding },
  publishes: ['account.erasure_reported'],
  erasure: (env) => partsOf(env).erasure,
  services: (env, telemetry) => {
    const { tables, names, limits, erasure, now } = partsOf(env);
    return {
      challenges: challengeStore(tables, names.challenges),
      contacts: contactStore(tables, names.contacts, supersededDays),
      accounts: accountStore(tables, names.accounts),
      limits,
      isErased: erasure.isErased,
      channels: awsChannels(required(env, variables.senderAddress)),
      telemetry,
      randomInt: (below) => randomInt(below),
      now,
    };
  },
});

function partsOf(env: Environment) {
  const tables = tablesClient();
  const now = () => new Date();
  const names = {
    challenges: required(env, variables.table('challenges')),
    accounts: required(env, variables.table('challenge-accounts')),
    contacts: required(env, variables.table('challenge-contacts')),
  };
  const limits = limitStore(tables, required(env, variables.table('challenge-limits')), Number(required(env, variables.smsCodesPerDay)));
  return { tables, names, limits, erasure: challengeErasure(tables, names, limits, now), now };
}
