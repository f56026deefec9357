import { fileURLToPath } from 'node:url';
import { variables } from '../../contracts/names.ts';
import { type Environment, required } from '../environment.ts';
import { type GeoDatabase, openGeoDatabase } from './geo-database.ts';

/** The geo database that lies beside the bundle. */
export const bundledGeoDatabase = (env: Environment): Promise<GeoDatabase> =>
  openGeoDatabase(fileURLToPath(new URL(required(env, variables.geoDatabase), import.meta.url)), required(env, variables.geoDatabaseName));
