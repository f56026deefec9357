import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/**
 * The `webhook-signature` of a request (Standard Webhooks 1.0, symmetric): one for each secret, so that an endpoint may take a new one
 * before the old one is gone.
 *
 * @param timestamp in epoch seconds
 */
export const signatureOf = (secrets: readonly KeyObject[], id: string, timestamp: number, body: string): string =>
  secrets.map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`).join(' ');

const prefix = 'whsec_';

/**
 * The secrets in the text of a secret: one, `whsec_` and base64 of the key, or a JSON array of two during rotation.
 *
 * @throws when it holds none, or something else
 */
export function readSecrets(text: string): KeyObject[] {
  const secrets = text.trim().startsWith('[') ? (JSON.parse(text) as unknown) : [text.trim()];
  const areSecrets = Array.isArray(secrets) && secrets.length > 0 && secrets.length <= 2 && secrets.every((each) => typeof each === 'string' && /^whsec_[A-Za-z0-9+/=]{8,}$/.test(each));
  if (!areSecrets) throw new Error('A secret must be whsec_ and base64, or a JSON array of two of them.');
  return (secrets as string[]).map((secret) => createSecretKey(secret.slice(prefix.length), 'base64'));
}
