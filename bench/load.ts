import { AwsClient } from 'aws4fetch';
import { setTimeout as delay } from 'node:timers/promises';
import { region } from '../local/cloudformation.ts';
import { localCredentials } from '../local/credentials.ts';

/** A login, as a login server posts it. */
export interface PostedLogin {
  readonly accountId: string;
  readonly ip: string;
  readonly outcome?: 'success' | 'failure';
}

export const homeAddress = '1.201.1.1';
export const addressAbroad = '8.8.8.8';

export const awsClient = (): AwsClient => new AwsClient({ ...localCredentials, region, service: 'execute-api', retries: 0 });

/** Posts logins in one request, again while the API throttles. @returns their ids @throws unless all are taken */
export async function post(aws: AwsClient, url: string, logins: readonly PostedLogin[]): Promise<string[]> {
  for (;;) {
    const response = await aws.fetch(`${url}/v1/logins`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(logins) });
    const body = await response.text();
    if (response.status === 202) return (JSON.parse(body) as { results: { id: string }[] }).results.map(({ id }) => id);
    if (response.status !== 429) throw new Error(`A post answered ${response.status}.`);
    await delay(20);
  }
}
