import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import * as z from 'zod/mini';
import { accountId } from '../../lambdas/contracts/primitives.ts';
import { valid } from '../../lambdas/runtime/http.ts';
import { ProblemError, problemOf } from '../../lambdas/runtime/problems.ts';
import type { Outbox } from '../aws/outbox.ts';
import type { Issuer } from './issuer.ts';

export interface StandInParts {
  readonly issuer: Issuer;
  readonly outbox: Outbox;
  /** Whether everything that was posted went all its way. */
  readonly isIdle: () => Promise<boolean>;
}

const tokenRequest = z.strictObject({ accountId, amr: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(10))) });
const messagesQuery = z.strictObject({ accountId: z.optional(accountId) });

/** `/local/*`: stand-ins for what is outside of Loginward, which only the local run has. */
export function standIns({ issuer, outbox, isIdle }: StandInParts): Hono {
  const app = new Hono();

  app.post('/local/tokens', async (context) => {
    // Another origin's page can send a form here, but not JSON.
    if (!/^application\/json\b/.test(context.req.header('content-type') ?? '')) {
      throw new ProblemError('unsupported-media-type', 'Send the header Content-Type: application/json.');
    }
    const request = valid(tokenRequest, await context.req.json().catch(() => undefined));
    return context.json({ token: await issuer.token(request.accountId, request.amr ?? []) });
  });

  app.get('/local/messages', (context) =>
    context.json({ items: outbox.list(valid(messagesQuery, context.req.query()).accountId) }),
  );

  app.get('/local/idle', async (context) => {
    const idle = await isIdle();
    return context.json({ idle }, idle ? 200 : 503);
  });

  app.onError((error, context) => {
    const refusal = error instanceof ProblemError ? error : new ProblemError('internal-error', String(error));
    return context.json(problemOf(refusal), refusal.status as ContentfulStatusCode, { 'content-type': 'application/problem+json' });
  });
  return app;
}
