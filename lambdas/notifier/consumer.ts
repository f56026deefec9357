import { variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { sqsFunction } from '../runtime/lambda-sqs.ts';
import { tablesClient } from '../runtime/tables.ts';
import { awsChannels } from '../runtime/aws-channels.ts';
import { contactStore } from '../runtime/contacts.ts';
import { keepContact, sendNotice, type Services, tellSettings } from './handler.ts';
import { sentLogStore } from './store.ts';

/** How long a contact is kept after the next took its place: notices go to both for 7 days. */
const supersededDays = 8;

export const handler = sqsFunction<Services>({
  service: 'notifier',
  handlers: { 'action.requested': sendNotice, 'settings.changed': tellSettings, 'contact.changed': keepContact },
  publishes: ['action.completed'],
  services: (env, telemetry) => {
    const tables = tablesClient();
    const now = () => new Date();
    return {
      contacts: contactStore(tables, required(env, variables.table('contacts')), supersededDays),
      sentLog: sentLogStore(tables, required(env, variables.table('sent-log')), now),
      channels: awsChannels(required(env, variables.senderAddress)),
      telemetry,
      now,
      random: Math.random,
    };
  },
});
