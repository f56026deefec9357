import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';

/** The local stand-in for the company's OIDC issuer. */
export const issuer = 'https://issuer.loginward.local';
export const audience = 'loginward';
const algorithm = 'RS256';
const lifetime = '1h';

export interface Issuer {
  /** A token for an account, as the company's issuer would give it after a sign-in by these methods (`amr`, RFC 8176). */
  token(accountId: string, methods: readonly string[]): Promise<string>;
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
  return {
    token: (accountId, methods) =>
      new SignJWT({ ...(methods.length > 0 && { amr: methods }) })
        .setProtectedHeader({ alg: algorithm })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(accountId)
        .setIssuedAt(now())
        .setExpirationTime(lifetime)
        .sign(key),
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
