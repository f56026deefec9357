import type { Model } from '../../local/model.ts';
import type { CallRecorder } from '../support/call-recorder.ts';

/** What AWS does with a function's role itself: Lambda reads its queue, writes its log and traces, SNS uses the key of a topic. */
const doneByAws = /^(sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes|GetQueueUrl)$|logs:|xray:|kms:|ec2:|execute-api:)/;

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

/** What the role of a function allows and nobody has called: function, action and resource. */
export function neverCalled(model: Model, asked: CallRecorder['asked']): string[] {
  const arns = new Map([...model.tables.map(({ name, arn }) => [name, arn] as const), ...model.queues.map(({ url, arn }) => [url, arn] as const)]);
  return model.functions.flatMap(({ name, policies }) => {
    const called = [...(asked.get(name)?.values() ?? [])].map(({ action, resource }) => ({ action, resource: arns.get(resource) ?? resource }));
    const statements = policies.flatMap((policy) => [policy['Statement'] as Statement | readonly Statement[]].flat());
    const allowed = statements
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action, Resource = [] }) => [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))));
    return allowed
      .filter(({ action }) => !doneByAws.test(action))
      .filter(({ action, resource }) => !called.some((each) => each.action === action && matches(resource, each.resource)))
      .map(({ action, resource }) => `${name.replace('loginward-local-', '')} ${action} ${resource.split(':').slice(5).join(':')}`);
  });
}

/** Patterns of IAM: `*` stands for anything, `?` for one character. An address may be sent from when its domain is verified. */
const matches = (pattern: string, text: string): boolean => {
  const expression = pattern.replaceAll(/[$()+.[\\\]^{|}]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll('?', '.');
  return [text, text.replace(/identity\/.*@/, 'identity/')].some((each) => new RegExp(`^${expression}$`).test(each));
};
