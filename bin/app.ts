import { join } from 'node:path';
import { loginwardApp } from '../lib/app.ts';
import { CatalogError } from '../lib/json-files.ts';

/** `cdk synth`, `cdk deploy`: the settings are CDK context, which `lib/settings.ts` lists. */
try {
  const app = await loginwardApp({ bundles: join(import.meta.dirname, '..', 'dist', 'functions') });
  app.synth();
} catch (error) {
  if (!(error instanceof CatalogError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
