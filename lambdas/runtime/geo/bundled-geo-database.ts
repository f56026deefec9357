import { variables } from '../../contracts/names.ts';
import { pathBeside } from '../beside.ts';
import { type Environment, required } from '../environment.ts';
import { type GeoDatabase, openGeoDatabase } from './geo-database.ts';

/** The geo database that lies beside the bundle. */
export const bundledGeoDatabase = (env: Environment): Promise<GeoDatabase> =>
  openGeoDatabase(pathBeside(env, variables.geoDatabase), required(env, variables.geoDatabaseName));
