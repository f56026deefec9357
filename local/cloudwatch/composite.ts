import { type Node, parse } from './math/parse.ts';
import type { AlarmState } from './types.ts';

/** A composite alarm of the templates. */
export interface CompositeAlarm {
  readonly name: string;
  readonly description: string;
  /** `ALARM("a") AND (ALARM("b") OR NOT OK("c"))` */
  readonly rule: string;
}

const states: Readonly<Record<string, AlarmState>> = { ALARM: 'ALARM', OK: 'OK', INSUFFICIENT_DATA: 'INSUFFICIENT_DATA' };

/** A rule that is read: whether it holds, and the alarms that it looks at, by name. */
export interface Rule {
  holds(stateOf: (alarm: string) => AlarmState): boolean;
  readonly alarms: readonly string[];
}

/**
 * Reads the rule of a composite alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 *
 * @throws for what such a rule does not have
 */
export function readRule(text: string): Rule {
  const root = parse(text);
  return { holds: (stateOf) => holds(root, stateOf), alarms: alarmsOf(root) };
}

function holds(node: Node, stateOf: (alarm: string) => AlarmState): boolean {
  if (node.kind === 'unary' && node.operator === 'NOT') return !holds(node.operand, stateOf);
  if (node.kind === 'binary' && node.operator === 'AND') return holds(node.left, stateOf) && holds(node.right, stateOf);
  if (node.kind === 'binary' && node.operator === 'OR') return holds(node.left, stateOf) || holds(node.right, stateOf);
  if (node.kind === 'name' && (node.name === 'TRUE' || node.name === 'FALSE')) return node.name === 'TRUE';
  const [name, state] = asked(node);
  return stateOf(name) === state;
}

/** `ALARM("name")`, or with an ARN in place of the name. */
function asked(node: Node): [name: string, state: AlarmState] {
  const state = node.kind === 'call' ? states[node.name] : undefined;
  const [parameter] = node.kind === 'call' ? node.parameters : [];
  if (!state || (parameter?.kind !== 'literal' && parameter?.kind !== 'name')) throw new Error(`The rule of a composite alarm has no ${node.kind}.`);
  const text = parameter.kind === 'literal' ? String(parameter.value) : parameter.name;
  return [alarmNameOf(text), state];
}

/** The name in an alarm's ARN; a name is left as it is. */
export const alarmNameOf = (text: string): string => text.replace(/^arn:.*:alarm:/, '');

function alarmsOf(node: Node): string[] {
  if (node.kind === 'unary') return alarmsOf(node.operand);
  if (node.kind === 'binary') return [...alarmsOf(node.left), ...alarmsOf(node.right)];
  return node.kind === 'name' ? [] : [asked(node)[0]];
}
