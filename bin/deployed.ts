import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import type { Names } from '../lib/names.ts';

/** The parameters below a path, by name. */
export async function parametersBelow(path: string, client = new SSMClient({})): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { Parameters = [] } of paginateGetParametersByPath({ client }, { Path: path, Recursive: true })) {
    for (const { Name = '', Value = '' } of Parameters) found.set(Name, Value);
  }
  return found;
}

/** The on-failure buckets of a deployment, by service. There are some on Kafka, and none on SNS. */
export function onFailureBuckets(parameters: ReadonlyMap<string, string>, names: Names): Map<string, string> {
  const services = [...parameters].map(([name, bucket]) => [name.split('/').at(-2) ?? '', name, bucket] as const);
  return new Map(services.flatMap(([service, name, bucket]) => (name === names.parameters.onFailure(service) ? [[service, bucket]] : [])));
}
