import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { bundledGeoDatabase } from '../runtime/geo/bundled-geo-database.ts';
import { locate, type Services } from './handler.ts';

export const handler = consumerFunction<Services>({
  service: 'ip-checker',
  handlers: { 'login.submitted': locate },
  publishes: ['login.located'],
  services: async (env) => ({
    geoDatabase: await bundledGeoDatabase(env),
  }),
});
