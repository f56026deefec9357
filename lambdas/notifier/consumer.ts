import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { variables } from '../contracts/names.ts';
import { awsChannels } from '../runtime/aws-channels.ts';
import { contactStore } from '../runtime/contacts.ts';
import { jsonOf, required } from '../runtime/environment.ts';
import { erasureOf } from '../runtime/erasure.ts';
import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { linkSecretOf } from '../runtime/link-secret.ts';
import { tablesClient } from '../runtime/tables.ts';
import { noticeCaps } from './caps.ts';
import { keepContact, sendNotice, type Services, tellSettings, tellStanding } from './handler.ts';
import { sentLogStore } from './store.ts';

/** How long a contact is kept after the next took its place: notices go to both for 7 days. */
const supersededDays = 8;
const now = () => new Date();

export const handler = consumerFunction<Services>({
  service: 'notifier',
  handlers: {
    'action.requested': sendNotice,
    'settings.changed': tellSettings,
    'account.standing_changed': tellStanding,
    'contact.changed': keepContact,
  },
  publishes: ['action.completed', 'account.erasure_reported'],
  erasure: (env) =>
    erasureOf(
      tablesClient(),
      [
        { table: required(env, variables.table('contacts')), sortKey: 'since' },
        { table: required(env, variables.table('sent-log')), sortKey: 'actionId' },
      ],
      now,
    ),
  services: (env, telemetry) => {
    const tables = tablesClient();
    return {
      contacts: contactStore(tables, required(env, variables.table('contacts')), supersededDays),
      sentLog: sentLogStore(tables, required(env, variables.table('sent-log')), now),
      channels: awsChannels(required(env, variables.senderAddress)),
      caps: jsonOf(env, variables.noticeCaps, noticeCaps),
      linkSecret: linkSecretOf(env),
      publicUrl: required(env, variables.publicUrl).replace(/\/$/, ''),
      telemetry,
      now,
      wait,
      random: Math.random,
      newWord: randomUUID,
    };
  },
});
