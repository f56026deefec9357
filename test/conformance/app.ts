import { loginwardApp } from '../../lib/app.ts';
import { withoutUnknown } from '../engines/ministack-app.ts';
import { probes } from './table.ts';

// For `cdk deploy --app`: the deployment of the probes.
const bundles = process.env['BUNDLES'];
if (bundles === undefined) throw new Error('BUNDLES names the folder of the bundles.');
// No probe needs the player's page, whose bucket MiniStack cannot fill.
withoutUnknown(await loginwardApp({ bundles, table: probes, checks: false, app: { context: { site: false } } })).synth();
