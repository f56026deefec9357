import type { EventData } from '../contracts/events.ts';
import { challengeBody, unlockChallengeBody, verifyBody } from '../contracts/http.ts';
import { isLocked } from '../contracts/standing.ts';
import { compose, type Draft, requestOf } from '../runtime/drafts.ts';
import { jsonBody, noQuery, player, type Request, type Response, valid } from '../runtime/http.ts';
import { busUnavailable, ProblemError } from '../runtime/problems.ts';
import type { Publisher } from '../runtime/publisher.ts';
import type { Accounts, KnownStanding } from './accounts.ts';
import type { Answers, Challenge } from './challenges.ts';
import { challengeOf, codeDigestOf, codeKeyOf, isSameDigest, normalised } from './codes.ts';
import { networkOf } from './network.ts';

/** What the routes of account-unlock depend on. */
export interface Services {
  readonly answers: Answers;
  readonly accounts: Pick<Accounts, 'standing'>;
  readonly publisher: Publisher;
  /** The claim of the player's token that names the account. */
  readonly accountClaim: string;
  /** 32 random bytes, for a challengeId. */
  readonly randomBytes: () => Uint8Array;
  readonly now: () => Date;
}

/** `POST /v1/me/challenges`: a player asks for a code. */
export async function askAsPlayer(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId } = player(request, services.accountClaim);
  const { channel } = valid(challengeBody, jsonBody(request).json);
  return ask(accountId, { channel, asker: 'player' }, services);
}

/** `POST /v1/unlock-challenges`: anyone asks for a code that unlocks an account. */
export async function askAsAnyone(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId, channel } = valid(unlockChallengeBody, jsonBody(request).json);
  return ask(accountId, { channel, asker: 'public', network: networkOf(request.sourceIp) }, services);
}

/**
 * Hands the asking on to where nobody waits for it. Nothing is looked up here, so that the answer is the same for every account, and
 * takes as long.
 */
async function ask(
  accountId: string,
  asking: Pick<EventData<'challenge.requested'>, 'channel' | 'asker' | 'network'>,
  services: Services,
): Promise<Response> {
  const challengeId = Buffer.from(services.randomBytes()).toString('base64url');
  const challenge = challengeOf(challengeId);
  const requestedAt = services.now().toISOString();
  await publish({ name: 'challenge.requested', data: { ...asking, challenge, codeKey: codeKeyOf(challengeId), requestedAt } }, accountId, services);
  return { status: 202, body: { challengeId } };
}

/** `POST /v1/me/challenges/verify`: a player answers a code of their own. */
export async function verifyAsPlayer(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  const { accountId } = player(request, services.accountClaim);
  return verify(request, (challenge) => challenge.asker === 'player' && challenge.accountId === accountId, services);
}

/** `POST /v1/unlock-challenges/verify`: anyone answers a code that they asked for. */
export async function verifyAsAnyone(request: Request, services: Services): Promise<Response> {
  noQuery(request);
  return verify(request, ({ asker }) => asker === 'public', services);
}

/**
 * Answers a code. The try is counted before anything is compared, and whatever was wrong, the same is read and written, and the same
 * is answered. A right code may be sent again until the bus has confirmed it.
 */
async function verify(request: Request, isOwn: (challenge: Challenge) => boolean, services: Services): Promise<Response> {
  const { challengeId, code } = valid(verifyBody, jsonBody(request).json);
  const { answers, accounts } = services;
  const challenge = challengeOf(challengeId);
  const given = codeDigestOf(codeKeyOf(challengeId), normalised(code));
  const found = await answers.countTry(challenge);
  const isRight = isSameDigest(given, found?.codeDigest) && found !== undefined && isOwn(found);
  const verifiedAt = await answers.settle(challenge, isRight);
  const standing = await accounts.standing(found?.accountId ?? challenge);
  if (!isRight || verifiedAt === undefined) throw new ProblemError('invalid-code');
  await publish({ name: 'challenge.verified', data: proofOf(found, verifiedAt, standing) }, found.accountId, services);
  // The bus has confirmed it; whoever sends the code again, because that is not noted, changes nothing.
  await answers.noteAnnounced(challenge).catch(() => undefined);
  return { status: 200, body: { verified: true } };
}

function proofOf({ challenge, channel, asker }: Challenge, verifiedAt: string, standing: KnownStanding): EventData<'challenge.verified'> {
  const locked = isLocked(standing);
  const purpose = asker === 'public' || locked ? 'unlock' : 'step_up';
  // A login may have occurred some minutes ahead of this clock; a right code lifts its lock all the same.
  const liftsAt = locked ? Math.max(Date.parse(verifiedAt), Date.parse(standing.lockedAt ?? verifiedAt) + 1) : Date.parse(verifiedAt);
  return { challenge, verifiedAt: new Date(liftsAt).toISOString(), channel, purpose, ...(locked && typeof standing.loginId === 'string' && { loginId: standing.loginId }) };
}

/** Publishes what follows from a challenge; twice does no harm. @throws ProblemError 503 when the bus did not confirm it */
async function publish(draft: Draft<'challenge.requested' | 'challenge.verified'>, accountId: string, services: Services): Promise<void> {
  const now = services.now();
  const unconfirmed = await services.publisher.publish([compose(draft, requestOf(draft.data.challenge, accountId, now), 'account-unlock', now)]);
  if (unconfirmed.size > 0) throw busUnavailable('Send it again.');
}
