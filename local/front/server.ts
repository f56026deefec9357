import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { LocalRunError } from '../error.ts';

/** How long requests in work may still take when the run ends, in milliseconds. */
const graceMilliseconds = 2000;

/** Listens on loopback; until somebody else answers, it says that it is not ready. @throws LocalRunError when the port is in use */
export async function listen(port: number): Promise<Server> {
  const server = createServer(notReady);
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new LocalRunError(`Port ${port} is in use. Stop what uses it, or choose another one by --port (0 picks a free one).`);
  }
  return server;
}

const notReady: RequestListener = (_, response) => {
  response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' });
  response.end(JSON.stringify({ message: 'Service Unavailable' }));
};

/** Has a server answer from now on. */
export function answerBy(server: Server, listener: RequestListener): void {
  server.off('request', notReady);
  server.on('request', guarded(listener));
}

/** Takes no more requests, and lets those in work end. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
  await once(server, 'close');
  clearTimeout(timer);
}

/** Answers only what was asked for on loopback by that name, so that no page of another site can reach it (DNS rebinding). */
function guarded(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? '')) {
      listener(request, response);
      return;
    }
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'Forbidden' }));
  };
}

