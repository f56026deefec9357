import { linkQuery, loginIdParameter } from '../contracts/http.ts';
import type { Locale } from '../contracts/primitives.ts';
import { compose, requestOf } from '../runtime/drafts.ts';
import { localeOf, noBody, noQuery, player, type Request, type Response, valid } from '../runtime/http.ts';
import { type NotMeClaim, readNotMeToken } from '../runtime/not-me-link.ts';
import { busUnavailable, ProblemError } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import { disputed, type Judgeable } from './handler.ts';
import { type Page, page, pageHeaders } from './not-me-page.ts';

/** What the routes on which a player answers for a login depend on. */
export interface Services extends Judgeable {
  readonly publisher: Publisher;
  /** The claim of the player's token that names the account. */
  readonly accountClaim: string;
  /** The secret that links in notices are signed with. */
  readonly linkSecret: () => Promise<string>;
  readonly now: () => Date;
}

/** `POST /v1/me/logins/{loginId}/dispute`: "not me". It locks, is told, and can do nothing else. */
export async function disputeLogin(request: Request, services: Services): Promise<Response> {
  const claim = loginOf(request, services);
  const found = await dispute(claim, services);
  if (!found) throw unknownLogin();
  return { status: 202, body: { id: claim.loginId, disputedAt: found.disputedAt } };
}

/** `POST /v1/me/logins/{loginId}/confirm`: "this was me". It changes nothing but what the history shows. */
export async function confirmLogin(request: Request, services: Services): Promise<Response> {
  const { accountId, loginId } = loginOf(request, services);
  const confirmedAt = services.now().toISOString();
  const result = await services.history.confirm(accountId, loginId, confirmedAt);
  if (result === 'unknown') throw unknownLogin();
  if (result === 'disputed') throw new ProblemError('conflict', 'This login was disputed; that cannot be taken back.');
  return { status: 200, body: { id: loginId, confirmedAt } };
}

/** `GET /v1/not-me?token=`: the page behind the link of a notice. It changes nothing, because mail scanners follow links. */
export async function showNotMe(request: Request, services: Services): Promise<Response> {
  const { token } = valid(linkQuery, request.query);
  return answer((await readToken(token, services)) ? 'ask' : 'bad-link', localeOf(request), token);
}

/** `POST /v1/not-me?token=`: disputes the login of the link, once. */
export async function disputeByLink(request: Request, services: Services): Promise<Response> {
  const { token } = valid(linkQuery, request.query);
  const claim = await readToken(token, services);
  try {
    const found = claim && (await dispute(claim, services));
    if (!found) return answer('bad-link', localeOf(request), token);
    return answer(found.wasTold ? 'used' : 'done', localeOf(request), token);
  } catch (error) {
    if (error instanceof ProblemError && error.kind === 'bus-unavailable') return answer('again', localeOf(request), token);
    throw error;
  }
}

const statuses: Readonly<Record<Page, number>> = { ask: 200, done: 200, again: 503, used: 409, 'bad-link': 400 };

const answer = (which: Page, locale: Locale, token: string): Response => ({ status: statuses[which], headers: pageHeaders, html: page(which, locale, token) });

const readToken = async (token: string, { linkSecret, now }: Services): Promise<NotMeClaim | undefined> =>
  readNotMeToken(await linkSecret(), token, now());

function loginOf(request: Request, { accountClaim }: Services): NotMeClaim {
  noQuery(request);
  noBody(request);
  const { accountId } = player(request, accountClaim);
  const { data: loginId } = loginIdParameter.safeParse(request.path['loginId']);
  if (loginId === undefined) throw unknownLogin();
  return { accountId, loginId };
}

const unknownLogin = () => new ProblemError('not-found', 'There is no such login in your history.');

/**
 * Disputes a login, and passes on what is to be judged anew; again, until the bus has confirmed it once.
 *
 * @returns whether it had been told before; nothing when the history has no such login
 * @throws ProblemError 503 when the bus did not confirm it
 */
async function dispute({ accountId, loginId }: NotMeClaim, services: Services): Promise<{ wasTold: boolean; disputedAt: string } | undefined> {
  const { publisher, history, now } = services;
  const found = await disputed(accountId, loginId, now().toISOString(), services);
  if (!found || found.wasTold) return found;
  const parent = requestOf(`${accountId} dispute ${loginId}`, accountId, now());
  const events = found.drafts.map((draft) => compose(draft, parent, 'login-logger', now()));
  const unconfirmed = await publisher.publish(events);
  if (unconfirmed.size > 0) throw busUnavailable('Send it again.');
  // The bus has confirmed it; told again, because that is not noted, it is the same dispute and locks nothing anew.
  await history.noteDisputeTold(accountId, loginId).catch(() => undefined);
  return found;
}
