import { z } from 'zod';
import { eventSchema } from '../../lambdas/contracts/events.ts';
import { type EventName, eventNames, eventType, topicName } from '../../lambdas/contracts/names.ts';
import { services } from '../../lib/services.ts';

/** The JSON Schema (2020-12) of an event as it lies on the bus. */
export const jsonSchemaOf = (name: EventName): object => ({
  $id: `https://loginward.dev/schemas/${eventType(name)}.json`,
  title: eventType(name),
  ...z.toJSONSchema(eventSchema(name), { io: 'input', reused: 'inline' }),
});

/** The bus as AsyncAPI 3.0: a channel for each event type, and who sends and receives it. */
export function asyncApi(): object {
  const operations = services.flatMap(({ name: service, purpose, emits, consumer }) => [
    ...emits.map((event) => operation('send', service, purpose, event)),
    ...(consumer?.consumes ?? []).map(({ event }) => operation('receive', service, purpose, event)),
  ]);
  return {
    asyncapi: '3.0.0',
    info: { title: 'Loginward', version: '1', description: 'CloudEvents 1.0 in structured mode, one topic a type, keyed by the account.' },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(
      eventNames.map((name) => [
        topicName(name),
        { address: topicName(name), messages: { [topicName(name)]: { $ref: `#/components/messages/${topicName(name)}` } } },
      ]),
    ),
    operations: Object.fromEntries(operations),
    components: {
      messages: Object.fromEntries(
        eventNames.map((name) => [
          topicName(name),
          { name: eventType(name), contentType: 'application/cloudevents+json', payload: { $ref: `./events/${eventType(name)}.json` } },
        ]),
      ),
    },
  };
}

function operation(action: 'send' | 'receive', service: string, purpose: string, event: EventName): [string, object] {
  const channel = { $ref: `#/channels/${topicName(event)}` };
  return [`${service}-${action}s-${topicName(event)}`, { action, channel, summary: `${service} ${purpose}.` }];
}
