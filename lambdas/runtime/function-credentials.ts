/**
 * Stands in bundles for the SDK's default chain of credentials (`lib/bundles.ts`): a function has its role's in its environment, and needs no other way to any, which would be a
 * fifth of its file.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
