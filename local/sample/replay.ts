import { AwsClient } from 'aws4fetch';
import { openGeoDatabase } from '../../lambdas/runtime/geo/geo-database.ts';
import { localCredentials } from '../credentials.ts';
import type { LocalRun } from '../run.ts';
import { region } from '../cloudformation.ts';
import { sampleDay } from './day.ts';

const perRequest = 100;

/**
 * Posts the sample day to a local run, as a login server would: contacts first, then the logins of the last 24 hours.
 *
 * @param home the country that most of its players live in
 * @throws when a request is refused
 */
export async function replaySample(local: LocalRun, home: string, progress: (what: string) => void): Promise<void> {
  const geoDatabase = await openGeoDatabase(local.geoDatabaseFile, 'sample');
  const { contacts, logins } = sampleDay((address) => geoDatabase.countryOf(address), home, new Date());
  const aws = new AwsClient({ ...localCredentials, region, service: 'execute-api' });
  const post = async (path: string, contentType: string, all: readonly unknown[]): Promise<void> => {
    for (let start = 0; start < all.length; start += perRequest) {
      const body = JSON.stringify(all.slice(start, start + perRequest));
      const response = await aws.fetch(`${local.url}${path}`, { method: 'POST', headers: { 'content-type': contentType }, body });
      if (response.status !== 202) throw new Error(`${path} answered ${response.status} to the sample: ${await response.text()}`);
    }
  };
  progress(`Sample: posting ${contacts.length} contacts and ${logins.length} logins…`);
  const events = contacts.map(({ accountId, data }) => ({
    specversion: '1.0',
    id: `sample-contact-${accountId}`,
    source: 'sample',
    type: 'loginward.contact.changed.v1',
    subject: accountId,
    // In force long enough for codes to go there.
    time: new Date(Date.now() - 30 * 86_400_000).toISOString(),
    data,
  }));
  await post('/v1/events', 'application/cloudevents-batch+json', events);
  await local.whenIdle();
  await post('/v1/logins', 'application/json', logins);
  await local.whenIdle();
  progress(`Sample: done; ${local.outbox.list().length} messages would have gone out`);
}
