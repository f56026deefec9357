import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/**
 * What checks values against a JSON Schema of draft 2020-12. Unknown keywords are refused, because a slip of the pen would check nothing; what is only
 * unusual is not.
 *
 * @throws when it is no such schema
 */
export const validatorOf = (schema: Readonly<Record<string, unknown>>): ValidateFunction =>
  addFormats.default(new Ajv2020({ allErrors: true, strictTypes: false, strictTuples: false, strictRequired: false })).compile(schema);
