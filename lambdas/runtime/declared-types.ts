import type * as z from 'zod/mini';
import { dataSchemaOf } from '../contracts/declared-data.ts';
import type { DeclaredType } from '../contracts/event-types.ts';
import { eventData, eventNameOf } from '../contracts/events.ts';
import { variables } from '../contracts/names.ts';
import { jsonBeside } from './beside.ts';
import type { Environment } from './environment.ts';

/** The event types of the company's own, which lie beside the bundle. */
export const declaredTypesOf = (env: Environment): Promise<DeclaredType[]> => jsonBeside(env, variables.eventTypes);

/**
 * The schemas of the data of some types, ours or declared.
 *
 * @throws for a type that nobody declared
 */
export async function dataSchemas(types: readonly string[], declared: readonly DeclaredType[]): Promise<Map<string, z.ZodMiniType>> {
  const schemaOf = async (type: string): Promise<z.ZodMiniType> => {
    const name = eventNameOf(type);
    const own = declared.find((each) => each.type === type);
    if (name) return eventData[name]();
    if (own) return dataSchemaOf(own);
    throw new Error(`${type} is not declared.`);
  };
  return new Map(await Promise.all(types.map(async (type) => [type, await schemaOf(type)] as const)));
}
