import * as z from 'zod/mini';
import { pageQuery } from '../contracts/http.ts';
import { accountId as accountIdSchema } from '../contracts/primitives.ts';
import { cursors } from '../runtime/cursor.ts';
import { player, type Request, type Response, valid } from '../runtime/http.ts';
import type { HistoryReader } from './history.ts';

/** What the history's routes depend on. */
export interface Services {
  readonly history: HistoryReader;
  /** The claim of the player's token that names the account. */
  readonly accountClaim: string;
}

/** `GET /v1/me/logins`: the player's own history, newest first. */
export function getMyLogins(request: Request, services: Services): Promise<Response> {
  return page(request, player(request, services.accountClaim).accountId, services);
}

/** `GET /v1/accounts/{accountId}/logins`: an account's history for support, newest first; empty for an unknown account. */
export function getAccountLogins(request: Request, services: Services): Promise<Response> {
  return page(request, valid(accountIdSchema, request.path['accountId']), services);
}

async function page(request: Request, accountId: string, { history }: Services): Promise<Response> {
  const { limit, cursor } = valid(pageQuery, request.query);
  const list = `logins of ${accountId}`;
  const { items, last } = await history.page(accountId, Number(limit), cursors.placeIn(list, cursor, z.uuid()));
  return { status: 200, body: { items, cursor: cursors.of(list, last) } };
}
