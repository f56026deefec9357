import type { EventName } from '../lambdas/contracts/names.ts';
import { topicName } from '../lambdas/contracts/names.ts';
import type { Settings } from './settings.ts';

/** Names of resources and SSM parameters, which tell product, deployment, owner and purpose. */
export interface Names {
  /** `loginward-dev-notifier-queue` */
  resource(owner: string, purpose?: string): string;
  /** `/loginward/dev/bus/topic/login-located` */
  readonly parameters: {
    topic(event: EventName): string;
    readonly busKey: string;
    readonly alarmTopic: string;
    readonly apiId: string;
    readonly authorizerId: string;
  };
}

export function namesOf({ env }: Pick<Settings, 'env'>): Names {
  const parameter = (owner: string, name: string) => `/loginward/${env}/${owner}/${name}`;
  return {
    resource: (owner, purpose) => ['loginward', env, owner, purpose].filter((part) => part !== undefined).join('-'),
    parameters: {
      topic: (event) => parameter('bus', `topic/${topicName(event)}`),
      busKey: parameter('bus', 'key'),
      alarmTopic: parameter('bus', 'alarms'),
      apiId: parameter('api', 'id'),
      authorizerId: parameter('api', 'authorizer'),
    },
  };
}
