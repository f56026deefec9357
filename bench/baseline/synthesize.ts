import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { npmGeoDatabase } from '../../lib/settings.ts';
import { BaselineStack } from './stack.ts';

/**
 * Bundles the baseline's functions and synthesizes its template into a folder.
 *
 * `NodejsFunction` leaves `@aws-sdk/*` and `@smithy/*` out of a bundle, because Lambda's runtime has them, as packages in a folder. Here the project's own stand in for those: the same
 * packages, found by going up from the bundle, in the version that our bundles hold too.
 *
 * @returns the cloud assembly
 */
export function synthesizeBaseline(folder: string): string {
  const app = new App({ outdir: join(folder, 'cdk.out') });
  new BaselineStack(app, 'baseline', { geoDatabase: npmGeoDatabase() });
  const { directory } = app.synth();
  symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(directory, 'node_modules'));
  return directory;
}
