import { AlarmRule, AlarmState, CompositeAlarm, type IAlarmRule } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { alarmDescription, type AlarmKind, alarmKinds } from '../alarms.ts';
import { overviewOf } from '../dashboards/names.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

interface ChainAlarmProps {
  readonly names: Names;
  readonly settings: Settings;
  /** Names of the canary's alarm, and of those of the stages of the chain. */
  readonly canary: string;
  readonly stages: readonly string[];
}

const kind = 'chain-stands-still' satisfies AlarmKind;

/** The canary does not arrive and a stage of the chain is in alarm: one message that names both. It names alarms of other stacks, and refers to none. */
export class ChainAlarm extends Construct {
  readonly alarm: CompositeAlarm;

  constructor(scope: Construct, id: string, { names, settings, canary, stages }: ChainAlarmProps) {
    super(scope, id);
    this.alarm = new CompositeAlarm(this, 'Alarm', {
      compositeAlarmName: names.resource('operations', kind),
      alarmDescription: alarmDescription(kind, alarmKinds[kind].errorImpact, overviewOf(names), settings),
      alarmRule: AlarmRule.allOf(isInAlarm(canary), AlarmRule.anyOf(...stages.map(isInAlarm))),
    });
    this.alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(this, 'Topic', StringParameter.valueForStringParameter(this, names.parameters.alarmTopic))));
  }
}

/** CDK names alarms by ARN; CloudWatch takes the name of one of the same account as well. */
const isInAlarm = (alarmName: string): IAlarmRule => ({ renderAlarmRule: () => `${AlarmState.ALARM}("${alarmName}")` });
