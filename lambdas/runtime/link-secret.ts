import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { variables } from '../contracts/names.ts';
import { cachedSecrets } from './cached-secrets.ts';
import { clientDefaults, type Environment, required } from './environment.ts';

/** The secret that links in notices are signed with, read once in five minutes. */
export function linkSecretOf(env: Environment): () => Promise<string> {
  const client = new SecretsManagerClient(clientDefaults);
  const SecretId = required(env, variables.linkSecret);
  return cachedSecrets(
    async () => {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
      if (!SecretString) throw new Error(`The secret ${SecretId} is empty.`);
      return SecretString;
    },
    () => new Date(),
  );
}
