import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../lib/services.ts';
import { localEnv } from './credentials.ts';
import { audience, issuer as issuerUrl } from './front/issuer.ts';

/** What of a deployment's settings the local run lets one choose. */
export interface AssemblyOptions {
  /** What carries the events: SNS and SQS unless said otherwise. */
  readonly bus?: 'sns' | 'kafka' | undefined;
  /** A geo database in MaxMind's format, in place of the one from npm. */
  readonly geoDatabase?: string | undefined;
  readonly homeCountries?: readonly string[] | undefined;
  /** Folders of the files that join endpoints and event types to the bus. */
  readonly subscriptions?: readonly string[] | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  /** Folders of the files of password campaigns. */
  readonly campaigns?: readonly string[] | undefined;
  /** Texts of the secrets that subscriptions name; one that names no such secret is not signed. */
  readonly secrets?: ReadonlyMap<string, string> | undefined;
  /** Further settings of the deployment, by name. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** The table of services to run, in place of the whole one. */
  readonly table?: readonly Service[];
}

/** Bundles the functions and synthesizes the templates into a folder. @returns the cloud assembly */
export async function synthesize({ bus, geoDatabase, homeCountries, subscriptions, eventTypes, campaigns, secrets, settings, table }: AssemblyOptions, folder: string): Promise<string> {
  // Imported here: CDK alone takes a second, which a run with an assembly of its own does without.
  const { loginwardApp } = await import('../lib/app.ts');
  const outdir = join(folder, 'cdk.out');
  rmSync(outdir, { recursive: true, force: true });
  const context = {
    env: localEnv,
    // The local run serves the player's page by itself.
    site: false,
    // On one machine logs cost nothing.
    traceSampling: 1,
    ...(bus && { bus }),
    jwtIssuer: issuerUrl,
    jwtAudience: [audience],
    ...(geoDatabase !== undefined && { geoDatabase }),
    ...(homeCountries && { homeCountries }),
    ...(subscriptions && { subscriptions }),
    ...(eventTypes && { eventTypes }),
    ...(campaigns && { campaigns }),
    // The endpoints of a local run lie on the same machine.
    endpointNetworks: ['127.0.0.0/8', '::1/128'],
    ...settings,
  };
  const app = await loginwardApp({ bundles: join(folder, 'functions'), checks: false, secrets: new Set(secrets?.keys()), table, app: { outdir, context } });
  return app.synth().directory;
}

