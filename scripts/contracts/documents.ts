import { campaignFile } from '../../lambdas/contracts/campaigns.ts';
import { eventTypeFile } from '../../lambdas/contracts/event-types.ts';
import { eventNames, eventType } from '../../lambdas/contracts/names.ts';
import { asyncApi, jsonSchemaOf } from './asyncapi.ts';
import { fileSchemaOf } from './file-schemas.ts';
import { describeContracts } from './metadata.ts';
import { openApi } from './openapi.ts';
import { subscriptionFile } from '../../lambdas/contracts/subscriptions.ts';

/** Every generated document below `docs/contracts/`, by its path there. */
export function documents(): Map<string, string> {
  describeContracts();
  const text = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`;
  return new Map([
    ['openapi.json', text(openApi())],
    ['asyncapi.json', text(asyncApi())],
    ['schemas/subscription.json', text(fileSchemaOf('subscription', subscriptionFile))],
    ['schemas/event-type.json', text(fileSchemaOf('event-type', eventTypeFile))],
    ['schemas/campaign.json', text(fileSchemaOf('campaign', campaignFile))],
    ...eventNames.map((name) => [`events/${eventType(name)}.json`, text(jsonSchemaOf(name))] as const),
  ]);
}
