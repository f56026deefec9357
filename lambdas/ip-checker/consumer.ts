import { fileURLToPath } from 'node:url';
import { variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { sqsFunction } from '../runtime/lambda-sqs.ts';
import { openGeoDatabase } from '../runtime/geo/geo-database.ts';
import { locate, type Services } from './handler.ts';

export const handler = sqsFunction<Services>({
  service: 'ip-checker',
  handlers: { 'login.submitted': locate },
  publishes: ['login.located'],
  services: async (env) => ({
    geoDatabase: await openGeoDatabase(
      fileURLToPath(new URL(required(env, variables.geoDatabase), import.meta.url)),
      required(env, variables.geoDatabaseName),
    ),
  }),
});
