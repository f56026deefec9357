import { consumerFunction } from '../runtime/lambda-consumer.ts';
import { bundledGeoDatabase } from '../runtime/geo/bundled-geo-database.ts';
import { geoDatabaseAge, locate, type Services } from './handler.ts';

export const handler = consumerFunction<Services>({
  service: 'ip-checker',
  handlers: { 'login.submitted': locate },
  measures: geoDatabaseAge,
  publishes: ['login.located'],
  services: async (env) => ({
    geoDatabase: await bundledGeoDatabase(env),
  }),
});
