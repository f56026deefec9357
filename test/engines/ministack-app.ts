import { join } from 'node:path';
import { type App, CfnResource } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import { loginwardApp } from '../../lib/app.ts';

/** What MiniStack does not know by its type. Nothing that a login goes through is among it: what watches over the chain, and what may write traces. */
const unknownTypes = new Set(['AWS::CloudWatch::CompositeAlarm', 'AWS::Logs::QueryDefinition', 'AWS::XRay::ResourcePolicy']);

/** Nor does it know alarms over several metrics. */
const isUnknown = (each: IConstruct): boolean => (each instanceof CfnAlarm && each.metrics !== undefined) || (each instanceof CfnResource && unknownTypes.has(each.cfnResourceType));

/** Takes out of an app what MiniStack does not know. */
export function withoutUnknown(app: App): App {
  for (const each of app.node.findAll()) if (isUnknown(each)) each.node.scope?.node.tryRemoveChild(each.node.id);
  return app;
}

// For `cdk deploy --app`: the whole deployment.
if (import.meta.main) withoutUnknown(await loginwardApp({ bundles: join(import.meta.dirname, '..', '..', 'dist', 'functions'), checks: false })).synth();
