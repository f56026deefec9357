import { join } from 'node:path';
import { variables } from '../../contracts/names.ts';
import { type Environment, required } from '../environment.ts';
import { type GeoDatabase, openGeoDatabase } from './geo-database.ts';

/** The geo database that lies beside the bundle. */
export const bundledGeoDatabase = (env: Environment): Promise<GeoDatabase> =>
  openGeoDatabase(join(import.meta.dirname, required(env, variables.geoDatabase)), required(env, variables.geoDatabaseName));
