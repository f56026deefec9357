import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loginwardApp } from '../../lib/app.ts';
import type { Service } from '../../lib/services.ts';

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  // oxlint-disable-next-line no-explicit-any -- the shape of a resource's properties is CloudFormation's, by its type
  readonly properties: any;
  readonly deletionPolicy?: string;
}

/** The synthesized templates of a deployment. */
export interface Templates {
  readonly byStack: ReadonlyMap<string, object>;
  readonly resources: readonly Resource[];
  of(type: string): Resource[];
  /** Folders of the functions' bundles, by function name. */
  readonly bundles: string;
  remove(): Promise<void>;
}

type Template = { Resources: Record<string, { Type: string; Properties?: object; DeletionPolicy?: string }> };

/** Synthesizes the app with some settings. */
export async function synthesize(context: Record<string, unknown> = {}, table?: readonly Service[]): Promise<Templates> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-synth-'));
  const bundles = join(folder, 'functions');
  const app = await loginwardApp({ bundles, table, checks: false, app: { outdir: join(folder, 'cdk.out'), context } });
  const byStack = new Map(app.synth().stacks.map(({ stackName, template }) => [stackName, template as Template]));
  const resources = [...byStack].flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(([id, { Type: type, Properties: properties = {}, DeletionPolicy: deletionPolicy }]) => ({
      stack,
      id,
      type,
      properties,
      deletionPolicy,
    })),
  );
  return {
    byStack,
    resources,
    of: (type) => resources.filter((resource) => resource.type === type),
    bundles,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
