/** What a deployment on its own default settings has, whatever the volume; a test counts it in the templates. Subscriptions come on top. */
export const deployed = {
  /** Metrics that alarms watch: one with two counts twice. */
  alarmMetrics: 65,
  compositeAlarms: 1,
  dashboards: 12,
  keys: 1,
  secrets: 1,
  /** Queues that Lambda polls. */
  polledQueues: 7,
  /** How long logs are kept. */
  logRetentionDays: 30,
  /** Metrics that API Gateway writes of each route that is asked (`DetailedMetricsEnabled`): 4xx, 5xx, count, two latencies and bytes. They are billed like metrics of our own. */
  metricsOfRoute: 6,
  /** Whether a login goes the whole way every minute. */
  hasCanary: true,
};

/** On Kafka in place of topics and queues: MSK as the settings' defaults make it (decision 0016). */
export const onKafka = {
  brokers: 3,
  gibOfBroker: 100,
  /** Units of event pollers, of ten mappings each. */
  pollerUnits: 3,
  /** Interface endpoints for Secrets Manager, SES and SNS, in three zones. */
  endpoints: 9,
  /** Alarms on Kafka look at more metrics. */
  moreAlarmMetrics: 83,
};
