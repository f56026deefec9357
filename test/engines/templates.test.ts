import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';
import { synthesize } from '../support/templates.ts';
import { lint, type LintFinding } from './engines.ts';

/** Where players are, and where AWS has everything first. */
const regions = ['us-east-1', 'ap-northeast-2'];
const place = { kafkaSubnets: 'subnet-0a1b2c3d,subnet-1a2b3c4d', kafkaSecurityGroup: 'sg-0a1b2c3d' };
const deployments: Record<string, Record<string, unknown>> = {
  'on SNS': { bus: 'sns', site: true },
  'on Kafka, with brokers of its own': { bus: 'kafka' },
  'on MSK that there is': { bus: 'kafka', kafkaCluster: 'arn:aws:kafka:us-east-1:123456789012:cluster/studio/0a1b2c3d-1', ...place },
  'on brokers without MSK': { bus: 'kafka', kafkaBrokers: 'b1.studio.com:9096,b2.studio.com:9096', kafkaSecret: 'brokers', ...place },
};

let catalog: CatalogFolders;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loginward-lint-'));
  catalog = await catalogFolders({ 'game-server': gameServer, audit: { ...audit, parallelism: 20 } }, { 'match-ended': matchEnded });
});
afterAll(async () => {
  await catalog?.remove();
  await rm(folder, { recursive: true, force: true });
});

/**
 * What is meant so. W3005: CDK makes a function depend on its role, which it names as well, because it must wait for the role's policy, too. That costs
 * nothing, and CDK offers no way to leave it out.
 */
const isMeant = ({ rule, path }: LintFinding): boolean => rule === 'W3005' && path[0] === 'Resources' && path[2] === 'DependsOn';

describe('cfn-lint finds nothing in the templates', () => {
  it.each(Object.keys(deployments))('%s', async (name) => {
    const templates = await synthesize({ subscriptions: catalog.subscriptions, eventTypes: catalog.eventTypes, ...deployments[name] });
    const files: string[] = [];
    for (const [stack, template] of templates.byStack) {
      const file = join(folder, `${name.replaceAll(/\W/g, '-')}-${stack}.json`);
      await writeFile(file, JSON.stringify(template));
      files.push(file);
    }
    const findings = await lint(files, regions);
    await templates.remove();
    expect(findings.filter((finding) => !isMeant(finding))).toEqual([]);
  }, 300_000);
});
