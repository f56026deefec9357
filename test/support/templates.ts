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

/** Synthesizes the app with some settings; without the player's page, whose bucket is filled by a function of CDK's own that no rule here is for, unless they say otherwise. */
export async function synthesize(context: Record<string, unknown> = {}, table?: readonly Service[]): Promise<Templates> {
  const folder = await mkdtemp(join(tmpdir(), 'loginward-synth-'));
  const bundles = join(folder, 'functions');
  const app = await loginwardApp({ bundles, table, checks: false, app: { outdir: join(folder, 'cdk.out'), context: { site: false, ...context } } });
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

/** A property as text, to look for something in it. */
export const text = (value: unknown): string => JSON.stringify(value);

/** The logical id that `Fn::GetAtt` names. */
export const idOf = (value: { 'Fn::GetAtt'?: [string, string] }): string => value['Fn::GetAtt']?.[0] ?? '';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: string;
  readonly Principal?: { readonly Service?: string };
  readonly Condition?: { readonly ArnEquals?: Record<string, unknown>; readonly Null?: Record<string, string> };
}

/** Statements of a policy, with their actions and resources as lists. */
export const statementsOf = ({ properties }: Resource) =>
  (properties.PolicyDocument.Statement as Statement[]).map((statement) => ({
    ...statement,
    actions: [statement.Action].flat(),
    resources: [statement.Resource ?? []].flat(),
  }));
