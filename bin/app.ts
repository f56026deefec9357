import { join } from 'node:path';
import { loginwardApp } from '../lib/app.ts';

/** `cdk synth`, `cdk deploy`: the settings are CDK context, which `lib/settings.ts` lists. */
const app = await loginwardApp({ bundles: join(import.meta.dirname, '..', 'dist', 'functions') });
app.synth();
