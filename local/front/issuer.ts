import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';

/** The local stand-in for the company's OIDC issuer. */
export const issuer = 'https://issuer.loginward.local';
export const audience = 'loginward';
const algorithm = 'RS256';
const keyId = 'local';
/** How long its tokens are good, in seconds. */
export const tokenSeconds = 3600;

export interface Issuer {
  /** A token for an account, as the company's issuer would give it after a sign-in by these methods (`amr`, RFC 8176). */
  token(accountId: string, methods: readonly string[]): Promise<string>;
  /** What tells the page of a client who signed in (OpenID Connect Core, 2). */
  idToken(accountId: string, client: { issuer: string; clientId: string; nonce: string | undefined }): Promise<string>;
  /** The key that its tokens are verified with. */
  readonly publicKey: JWK;
  /** The claims of a token that API Gateway's JWT authorizer would accept; nothing for any other. */
  claims(token: string, expected: { issuer: string; audience: readonly string[] }): Promise<Record<string, unknown> | undefined>;
}

/** Opens the issuer; its key stays in a file, so that tokens outlive a restart. */
export async function openIssuer(keyFile: string, now: () => Date): Promise<Issuer> {
  if (!existsSync(keyFile)) {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    await writeFile(keyFile, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 });
  }
  const { kty, n, e, ...secret } = JSON.parse(await readFile(keyFile, 'utf8')) as JWK;
  const key = await importJWK({ kty, n, e, ...secret }, algorithm);
  const publicKey = await importJWK({ kty, n, e }, algorithm);
  const sign = (claims: JWTPayload, accountId: string, from: string, to: string): Promise<string> =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid: keyId })
      .setIssuer(from)
      .setAudience(to)
      .setSubject(accountId)
      .setIssuedAt(now())
      .setExpirationTime(Math.floor(now().getTime() / 1000) + tokenSeconds)
      .sign(key);
  return {
    publicKey: { kty, n, e, alg: algorithm, use: 'sig', kid: keyId },
    token: (accountId, methods) => sign(methods.length > 0 ? { amr: methods } : {}, accountId, issuer, audience),
    idToken: (accountId, client) => sign(client.nonce === undefined ? {} : { nonce: client.nonce }, accountId, client.issuer, client.clientId),
    claims: async (token, expected) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: [algorithm],
          issuer: expected.issuer,
          audience: [...expected.audience],
          requiredClaims: ['exp', 'iat'],
          currentDate: now(),
        });
        return payload;
      } catch {
        return undefined;
      }
    },
  };
}
