import { AwsClient } from 'aws4fetch';
import { variables } from '../contracts/names.ts';
import { required } from '../runtime/environment.ts';
import { scheduleFunction } from '../runtime/lambda-schedule.ts';
import { type Services, watchTheChain } from './handler.ts';
import { httpApi } from './http-api.ts';

export const handler = scheduleFunction<Services>({
  service: 'canary',
  work: watchTheChain,
  services: (env, telemetry) => {
    const signed = new AwsClient({
      service: 'execute-api',
      region: required(env, 'AWS_REGION'),
      accessKeyId: required(env, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: required(env, 'AWS_SECRET_ACCESS_KEY'),
      // Roles have one; the functions of the local run have not.
      ...(env['AWS_SESSION_TOKEN'] !== undefined && { sessionToken: env['AWS_SESSION_TOKEN'] }),
      // By default it tries ten times more: what does not answer at once is to be seen.
      retries: 0,
    });
    return { ...httpApi({ sign: (input, init) => signed.sign(input, init), fetch }, required(env, variables.apiUrl)), last: {}, telemetry };
  },
});
