import { topicOf } from '../lambdas/contracts/names.ts';
import type { Settings } from './settings.ts';

/** Names of resources and SSM parameters, which tell product, deployment, owner and purpose. */
export interface Names {
  /** Name of the deployment: `dev`. */
  readonly env: string;
  /** `loginward-dev-notifier-queue` */
  resource(owner: string, purpose?: string): string;
  /** Topic of an event type, on either bus: `loginward-dev-bus-login-located` */
  topic(type: string): string;
  /** Consumer group of a service, or of a subscription, for an event type: `loginward-dev-notifier-action-requested` */
  group(owner: string, type: string): string;
  /** Name of the secret that the links in notices are signed with. */
  readonly linkSecret: string;
  /** `/loginward/dev/bus/topic/login-located` */
  readonly parameters: {
    /** Below it lie all of a deployment. */
    readonly all: string;
    /** Of an event type: `loginward.login.located.v1`. */
    topic(type: string): string;
    /** What is deployed of a subscription, for `npm run subscriptions:plan`. */
    subscription(name: string): string;
    readonly subscriptions: string;
    /** Name of the bucket with the events that wait for endpoints. */
    readonly backlog: string;
    /** On Kafka: name of a service's bucket with the records that could not be handled. */
    onFailure(service: string): string;
    /** What is deployed of an event type of the company's own, for `npm run subscriptions:plan`. */
    eventType(type: string): string;
    readonly eventTypes: string;
    readonly busKey: string;
    readonly alarmTopic: string;
    /** On Kafka: ARN of the MSK cluster. */
    readonly cluster: string;
    /** On MSK: its brokers, `host:port` separated by commas. */
    readonly brokers: string;
    /** On Kafka: ids of the subnets from which brokers are reached, separated by commas, and of the security group to do it with. */
    readonly subnets: string;
    readonly securityGroup: string;
    readonly apiId: string;
    readonly apiEndpoint: string;
    readonly authorizerId: string;
  };
}

export function namesOf({ env }: Pick<Settings, 'env'>): Names {
  const parameter = (owner: string, name: string) => `/loginward/${env}/${owner}/${name}`;
  const resource = (owner: string, purpose?: string) => ['loginward', env, owner, purpose].filter((part) => part !== undefined).join('-');
  return {
    env,
    resource,
    topic: (type) => resource('bus', topicOf(type)),
    group: (owner, type) => resource(owner, topicOf(type)),
    linkSecret: ['loginward', env, 'links'].join('-'),
    parameters: {
      all: `/loginward/${env}`,
      topic: (type) => parameter('bus', `topic/${topicOf(type)}`),
      subscription: (name) => parameter('http-bridge', `subscriptions/${name}`),
      subscriptions: parameter('http-bridge', 'subscriptions'),
      backlog: parameter('http-bridge', 'backlog'),
      onFailure: (service) => parameter(service, 'on-failure'),
      eventType: (type) => parameter('bus', `event-types/${topicOf(type)}`),
      eventTypes: parameter('bus', 'event-types'),
      busKey: parameter('bus', 'key'),
      alarmTopic: parameter('bus', 'alarms'),
      cluster: parameter('bus', 'cluster'),
      brokers: parameter('bus', 'brokers'),
      subnets: parameter('bus', 'subnets'),
      securityGroup: parameter('bus', 'security-group'),
      apiId: parameter('api', 'id'),
      apiEndpoint: parameter('api', 'endpoint'),
      authorizerId: parameter('api', 'authorizer'),
    },
  };
}
