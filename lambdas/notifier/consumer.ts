import { variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { sqsFunction } from '../runtime/lambda-sqs.ts';
import { tablesClient } from '../runtime/tables.ts';
import { awsChannels } from './aws-channels.ts';
import { keepContact, sendNotice, type Services, tellSettings } from './handler.ts';
import { contactStore, sentLogStore } from './store.ts';

export const handler = sqsFunction<Services>({
  service: 'notifier',
  handlers: { 'action.requested': sendNotice, 'settings.changed': tellSettings, 'contact.changed': keepContact },
  publishes: ['action.completed'],
  services: (env, telemetry) => {
    const tables = tablesClient();
    const now = () => new Date();
    return {
      contacts: contactStore(tables, required(env, variables.table('contacts'))),
      sentLog: sentLogStore(tables, required(env, variables.table('sent-log')), now),
      channels: awsChannels(required(env, variables.senderAddress)),
      telemetry,
      now,
      random: Math.random,
    };
  },
});
