import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

/**
 * A game server that carries out the responses `kick` and `player_message`: an endpoint of a Loginward subscription in streaming mode.
 * It verifies each request, does what is asked for once for each `actionId`, and replies how it ended.
 *
 *   SECRET=whsec_... PORT=8788 node samples/game-server.mjs
 *
 * @typedef {{ actionId: string, response: string, staleAfter: string, triggers: string[], country: string | null, text: { ko: string, en: string } }} Action
 * @param {{ secret: string | undefined, kick: (accountId: string, action: Action) => void, tell: (accountId: string, action: Action) => void }} game
 *   what the game does: end the account's sessions, show the player a text; without a secret, requests are not verified
 * @returns {import('node:http').RequestListener}
 */
export function gameServer({ secret, kick, tell }) {
  const webhook = secret === undefined ? undefined : new Webhook(secret);
  /** How each action ended. A real server keeps this where a restart does not lose it. */
  const ended = new Map();

  /** @returns {string} */
  const carryOut = (accountId, action) => {
    if (Date.now() > Date.parse(action.staleAfter)) return 'stale';
    if (action.response === 'kick') kick(accountId, action);
    else tell(accountId, action);
    return 'done';
  };

  const answer = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    try {
      webhook?.verify(body, request.headers);
    } catch {
      response.writeHead(401).end();
      return;
    }
    const event = JSON.parse(body);
    const action = event.data;
    // The same event may come twice, and several events may ask for one action.
    if (!ended.has(action.actionId)) ended.set(action.actionId, carryOut(event.subject, action));
    response.writeHead(200, { 'content-type': 'application/cloudevents+json' });
    response.end(
      JSON.stringify({
        specversion: '1.0',
        id: action.actionId,
        source: 'game-server',
        type: 'loginward.action.completed.v1',
        subject: event.subject,
        time: new Date().toISOString(),
        data: { actionId: action.actionId, outcome: ended.get(action.actionId) },
      }),
    );
  };
  // A request that breaks off, or holds something else, ends nobody else's.
  return (request, response) => {
    answer(request, response).catch(() => response.destroy());
  };
}

if (import.meta.main) {
  const server = createServer(
    gameServer({
      secret: process.env.SECRET,
      kick: (accountId) => console.log(`${accountId} is kicked`),
      tell: (accountId, { text }) => console.log(`${accountId} reads: ${text.ko} / ${text.en}`),
    }),
  );
  server.listen(Number(process.env.PORT ?? 8788), '127.0.0.1', () => console.log(`The game server listens on port ${server.address().port}`));
}
