import { consumerFunction } from '../../../lambdas/runtime/lambda-consumer.ts';
import { probe } from '../probe.ts';

export const handler = consumerFunction(probe('probe-one'));
