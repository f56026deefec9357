import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { CloudFormationCustomResourceCreateEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { accountNumber, region } from './cloudformation.ts';
import type { CustomResource } from './model.ts';

/** The attributes that each resource was given. */
export type Made = ReadonlyMap<CustomResource, Readonly<Record<string, unknown>>>;

/**
 * Makes custom resources as CloudFormation does: calls the function of each with an event of the type Create, and waits for what it puts to
 * the event's URL. At each start they are made anew, so making one twice must change nothing.
 *
 * @throws with the reason of a function that failed
 */
export async function makeCustomResources(resources: readonly CustomResource[], invoke: (functionArn: string, event: unknown) => Promise<unknown>): Promise<Made> {
  const answers = new Map<string, CloudFormationCustomResourceResponse>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    answers.set(request.url ?? '', (await json(request)) as CloudFormationCustomResourceResponse);
    response.end();
  };
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const made = new Map<CustomResource, Readonly<Record<string, unknown>>>();
  try {
    for (const resource of resources) {
      const path = `/${randomUUID()}`;
      const what = `${resource.type} ${resource.logicalId} of ${resource.stackName}`;
      try {
        await invoke(resource.functionArn, eventOf(resource, `http://127.0.0.1:${port}${path}`));
      } catch (error) {
        throw new Error(`${what}: the function ${resource.functionArn} failed; its log tells why.`, { cause: error });
      }
      const answer = answers.get(path);
      if (!answer) throw new Error(`${what}: the function ended without an answer.`);
      if (answer.Status !== 'SUCCESS') throw new Error(`${what}: ${answer.Reason}`);
      made.set(resource, answer.Data ?? {});
    }
    return made;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const eventOf = ({ type, logicalId, stackName, functionArn, properties }: CustomResource, url: string): CloudFormationCustomResourceCreateEvent => ({
  RequestType: 'Create',
  ServiceToken: functionArn,
  ResponseURL: url,
  StackId: `arn:aws:cloudformation:${region}:${accountNumber}:stack/${stackName}/local`,
  RequestId: randomUUID(),
  LogicalResourceId: logicalId,
  ResourceType: type,
  ResourceProperties: { ...properties, ServiceToken: functionArn },
});
