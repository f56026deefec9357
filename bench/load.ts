import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { region } from '../local/cloudformation.ts';
import { localCredentials } from '../local/credentials.ts';

/** A login, as a careful login server posts it: with an id and a moment, so that posting it again is harmless. */
export interface PostedLogin {
  readonly accountId: string;
  readonly ip: string;
  readonly outcome?: 'success' | 'failure';
  readonly id: string;
  readonly occurredAt: string;
}

/** A login of now. */
export const loginOf = (accountId: string, ip: string, more: Pick<PostedLogin, 'outcome'> = {}): PostedLogin => ({ accountId, ip, ...more, id: randomUUID(), occurredAt: new Date().toISOString() });

/** An address in KR, the home country of who chose none, and one that is not. */
export const homeAddress = '1.201.1.1';
export const addressAbroad = '8.8.8.8';

/** A login server, which signs its requests by AWS IAM. */
export const awsClient = (): AwsClient => new AwsClient({ ...localCredentials, region, service: 'execute-api', retries: 0 });

/** Posts logins in one request, and again until all are taken. @returns their ids */
export async function post(aws: AwsClient, url: string, logins: readonly PostedLogin[]): Promise<string[]> {
  const body = JSON.stringify(logins);
  for (;;) {
    const response = await aws.fetch(`${url}/v1/logins`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = await response.text();
    if (response.status === 202) return (JSON.parse(answer) as { results: { id: string }[] }).results.map(({ id }) => id);
    if (response.status < 500 && ![207, 429].includes(response.status)) throw new Error(`A post answered ${response.status}.`);
    await delay(againMilliseconds);
  }
}

const againMilliseconds = 50;
