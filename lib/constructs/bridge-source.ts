import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table as DynamoTable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Subscription } from '../../lambdas/contracts/subscriptions.ts';
import type { AlarmKind } from '../alarms.ts';
import type { Names } from '../names.ts';
import type { Bridge } from '../services.ts';
import type { Settings } from '../settings.ts';

export interface BridgeSubscriptionProps {
  /** The service: `http-bridge`. */
  readonly service: string;
  readonly subscription: Subscription;
  readonly bridge: Bridge;
  readonly names: Names;
  readonly settings: Settings;
  /** All subscriptions of the deployment. */
  readonly subscriptions: readonly Subscription[];
  /** Folder of the bundle. */
  readonly codePath: string;
  readonly breakers: { readonly name: string; readonly table: DynamoTable };
  readonly bucket: Bucket;
}

/** How events come to the function of a subscription, and where they are meanwhile: what differs between the buses. */
export interface BridgeSource {
  readonly statements: readonly PolicyStatement[];
  readonly environment: Readonly<Record<string, string>>;
  /** Events that one invocation may have at the endpoint at once. */
  readonly share: number;
  /** How many invocations there may be at once, when the source cannot be told. */
  readonly reservedConcurrency: number | undefined;
  /** Whether the function sends to the queue that it is fed from. */
  readonly sendsToItself: boolean;
  feed(target: Function): void;
  readonly alarms: readonly BridgeAlarm[];
}

/** An alarm of a subscription. */
export interface BridgeAlarm {
  readonly kind: AlarmKind;
  readonly metric: IMetric;
  readonly threshold?: number;
  readonly errorImpact?: string;
}

/** The age of an event, in seconds, at which operators are told that it waits. */
export const alarmAge = ({ holdDays }: Subscription): number => Math.round(alarmShare * holdDays * 86_400);

/** An invocation delivers for as long as one delivery more fits in; the rest of its time is for what follows. */
export const timeoutOf = ({ timeoutSeconds }: Subscription): number => 3 * timeoutSeconds + 15;
/** The share of the hold time after which operators are told. */
const alarmShare = 0.7;
