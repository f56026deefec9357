import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request that an endpoint got. */
export interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP endpoint on loopback that answers as the test says. */
export interface TestEndpoint {
  readonly url: string;
  readonly port: number;
  /** Connections that were made to it. */
  connections: number;
  readonly got: Got[];
  close(): Promise<void>;
}

/** @param port 0 for a free one */
export async function startEndpoint(answer: (got: Got, response: ServerResponse) => void, port = 0): Promise<TestEndpoint> {
  const got: Got[] = [];
  const listener: RequestListener = (request, response) => {
    const serve = async (): Promise<void> => {
      const body = await text(request);
      got.push({ headers: request.headers, body });
      answer({ headers: request.headers, body }, response);
    };
    serve().catch(() => response.destroy());
  };
  const server: Server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const endpoint: TestEndpoint = {
    url: `http://127.0.0.1:${address.port}/in`,
    port: address.port,
    connections: 0,
    got,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('connection', () => {
    endpoint.connections += 1;
  });
  return endpoint;
}
