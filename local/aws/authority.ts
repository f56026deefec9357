import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Function, Model, PolicyDocument } from '../model.ts';
import { accountNumber } from '../cloudformation.ts';

/** Who asks: a role with its policies, or a service of AWS. */
export interface Principal {
  /** ARN of a role or user, or a service: `sns.amazonaws.com`. */
  readonly id: string;
  readonly policies: readonly PolicyDocument[];
}

/** What is asked for. */
export interface Ask {
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** ARN, or `*` for what has none. */
  readonly resource: string;
  /** Condition keys: `aws:SourceArn`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Says whether IAM would allow it, by the policies of the templates. */
export interface Authority {
  allows(principal: Principal, ask: Ask): Promise<boolean>;
}

export const roleOf = ({ roleArn, policies }: Function): Principal => ({ id: roleArn, policies });
/** Whether a role's policies look at the partition keys of what is read or written. */
export const looksAtKeys = ({ policies }: Principal): boolean => JSON.stringify(policies).includes('dynamodb:LeadingKeys');
export const snsService: Principal = { id: 'sns.amazonaws.com', policies: [] };

/** An authority over the roles and resource policies of the templates. Answers are kept, since policies do not change while it runs. */
export function authorityOf(model: Model): Authority {
  const resourcePolicies = new Map(
    [...model.queues, ...model.topics, ...model.keys, ...model.buckets].map(({ arn, policies }) => [
      arn,
      { Version: '2012-10-17', Statement: policies.flatMap((policy) => policy['Statement'] as unknown[]) },
    ]),
  );
  const answers = new Map<string, Promise<boolean>>();
  const simulate = async (principal: Principal, { action, resource, context = {} }: Ask): Promise<boolean> => {
    const result = await runSimulation(
      {
        request: {
          principal: principal.id,
          action,
          resource: { resource, accountId: accountNumber },
          contextVariables: { 'aws:SecureTransport': 'true', ...(context as Record<string, string | string[]>) },
        },
        identityPolicies: principal.policies.map((policy, index) => ({ name: String(index), policy })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: resourcePolicies.get(resource),
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(`IAM cannot judge ${action} on ${resource}: ${JSON.stringify(result.errors)}`);
    return result.overallResult === 'Allowed';
  };
  return {
    allows: (principal, ask) => {
      const key = JSON.stringify([principal.id, ask]);
      const answer = answers.get(key) ?? simulate(principal, ask);
      answers.set(key, answer);
      return answer;
    },
  };
}
