import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A process of its own that answers every request with 204, and tells its port to whoever started it. */
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(204).end());
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
