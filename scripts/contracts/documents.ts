import { eventNames, eventType } from '../../lambdas/contracts/names.ts';
import { asyncApi, jsonSchemaOf } from './asyncapi.ts';
import { openApi } from './openapi.ts';

/** Every generated document below `docs/contracts/`, by its path there. */
export function documents(): Map<string, string> {
  const text = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`;
  return new Map([
    ['openapi.json', text(openApi())],
    ['asyncapi.json', text(asyncApi())],
    ...eventNames.map((name) => [`events/${eventType(name)}.json`, text(jsonSchemaOf(name))] as const),
  ]);
}
