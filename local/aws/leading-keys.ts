import type { Table } from '../model.ts';
import type { Call } from './calls.ts';

type Values = Readonly<Record<string, { readonly S?: string } | undefined>>;

/** The partition keys of what a call reads or writes in a table: what DynamoDB tells IAM as `dynamodb:LeadingKeys`. */
export function leadingKeysOf({ input }: Call, { name, keySchema }: Table): string[] {
  const key = keySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
  const items = [input.Key, input.Item, ...(input.RequestItems?.[name]?.Keys ?? [])] as (Values | undefined)[];
  const queried = new RegExp(`\\b${key} = (:\\w+)`).exec(input.KeyConditionExpression ?? '')?.[1];
  const values = [...items.map((item) => item?.[key]), (input.ExpressionAttributeValues as Values | undefined)?.[queried ?? '']];
  return values.flatMap((value) => value?.S ?? []);
}
