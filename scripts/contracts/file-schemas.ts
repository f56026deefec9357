import { z } from 'zod';

/** The JSON Schema (2020-12) of a file that people write, so that editors complete it. */
export const fileSchemaOf = (name: string, schema: z.core.$ZodType): object => ({
  $id: `https://loginward.dev/schemas/${name}.json`,
  ...z.toJSONSchema(schema, { io: 'input', reused: 'inline', unrepresentable: 'any' }),
});
