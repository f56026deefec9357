import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { subscriptionFile } from '../../lambdas/contracts/subscriptions.ts';
import { type CatalogReading, readCatalog, validCatalog } from '../../lib/catalog.ts';
import { mermaidOf } from '../../lib/graph.ts';
import { planOf } from '../../lib/plan.ts';
import { audit, type CatalogFolders, catalogFolders, gameServer, matchEnded } from '../support/catalog.ts';

let folders: CatalogFolders | undefined;
afterEach(() => folders?.remove());

type Files = Parameters<typeof catalogFolders>[0];

async function reading(subscriptions: Files, eventTypes: Files = {}, networks: string[] = []): Promise<CatalogReading> {
  await folders?.remove();
  folders = await catalogFolders(subscriptions, eventTypes);
  return readCatalog({ subscriptions: folders.subscriptions, eventTypes: folders.eventTypes, networks, allowsUnsigned: false });
}

const errorsOf = ({ errors }: CatalogReading): string[] => errors.map(({ file, field, problem }) => `${file.split('/').at(-1)} ${field} ${problem}`);

const six = ['1', '2', '3', '4', '5', '6'];

/** A subscription that turns one type into another. */
const turns = (name: string, from: string, to: string) => ({ ...gameServer, name, eventTypes: [from], filter: undefined, emits: [to] });
const declared = (type: string, outsideProducers = true) => ({ ...matchEnded, type, outsideProducers });

describe('the files of subscriptions and event types', () => {
  it('are good as the design shows them', async () => {
    const { errors, warnings, catalog } = await reading({ 'game-server': gameServer, audit }, { 'match-ended': matchEnded });
    expect(errors).toEqual([]);
    expect(warnings.map(({ problem }) => problem)).toEqual(['nobody consumes studio.match.ended.v1']);
    expect(catalog.subscriptions.find(({ name }) => name === 'game-server')).toMatchObject({ parallelism: 4, timeoutSeconds: 10, holdDays: 10, paused: false });
  });

  it.each<[string, object | string, string]>([
    ['not JSON', '{"name":', 'game-server.json  is not JSON'],
    ['a field that is not one', { ...gameServer, endpoints: [] }, 'game-server.json /endpoints is not a field'],
    ['another name than the file', { ...gameServer, name: 'other' }, 'game-server.json /name must be the name of the file'],
    ['a name that is none', { ...gameServer, name: 'Game' }, 'game-server.json /name must be 1 to 24'],
    ['no event type', { ...gameServer, eventTypes: [] }, 'game-server.json /eventTypes '],
    ['an event type that nobody declared', { ...gameServer, eventTypes: ['studio.unknown.v1'] }, 'game-server.json /eventTypes/0 studio.unknown.v1 is no event type'],
    ['a type between the parts of one service', { ...gameServer, eventTypes: ['loginward.challenge.requested.v1'] }, 'game-server.json /eventTypes/0 loginward.challenge.requested.v1 is between the parts of one service'],
    ['an internal type emitted', { ...gameServer, emits: ['loginward.verdict.decided.v1'] }, 'game-server.json /emits/0 loginward.verdict.decided.v1 is internal'],
    ['a filter of five fields', { ...gameServer, filter: { a: ['1'], b: ['1'], c: ['1'], d: ['1'], e: ['1'] } }, 'game-server.json /filter names no field, or more than four'],
    ['a filter of something else than values', { ...gameServer, filter: { response: [{ prefix: 'k' }] } }, 'game-server.json /filter/response/0 '],
    ['no owner', { ...gameServer, owner: '' }, 'game-server.json /owner '],
    ['a mode that is none', { ...gameServer, mode: 'both' }, 'game-server.json /mode '],
    ['one-way with emits', { ...gameServer, mode: 'one-way' }, 'game-server.json /emits a one-way subscription emits nothing'],
    ['no parallelism', { ...gameServer, parallelism: 0 }, 'game-server.json /parallelism '],
    ['a hold time of eleven days', { ...gameServer, holdDays: 11 }, 'game-server.json /holdDays '],
    ['more combinations in its filter than SNS takes', { ...gameServer, filter: { a: six, b: six, c: six.slice(1) } }, 'game-server.json /filter has 180 combinations'],
    ['too much in it', { ...gameServer, endpoint: `https://game.studio.com/${'x'.repeat(2000)}` }, 'game-server.json  is larger than 2000 bytes'],
    ['no secret', { ...gameServer, secret: undefined }, 'game-server.json /secret is missing'],
  ])('with %s is told by file and field', async (_, file, message) => {
    const errors = errorsOf(await reading({ 'game-server': file }));
    expect(errors).toEqual([expect.stringContaining(message)]);
  });

  it('named like a service is told', async () => {
    expect(errorsOf(await reading({ notifier: { ...gameServer, name: 'notifier' } }))).toEqual(['notifier.json /name notifier is the name of a service']);
  });

  it.each([
    ['http://game.studio.com/', 'must begin with https://'],
    ['ftp://game.studio.com/', 'must begin with https://'],
    ['game.studio.com', 'is no URL'],
    ['https://user:pass@game.studio.com/', 'user name or password'],
    ['https://game.studio.com/#x', 'fragment'],
    ['https://localhost/', 'private, reserved or loopback'],
    ['https://0x7f.1/', 'private, reserved or loopback'],
    ['https://[::ffff:10.0.0.1]/', 'private, reserved or loopback'],
    ['https://169.254.169.254/latest/', 'private, reserved or loopback'],
  ])('with the endpoint %s is told', async (endpoint, message) => {
    const errors = errorsOf(await reading({ 'game-server': { ...gameServer, endpoint } }));
    expect(errors).toEqual(expect.arrayContaining([expect.stringMatching(/^game-server\.json \/endpoint /)]));
    expect(errors.join('\n')).toContain(message);
  });

  it.each([
    ['https://game/', 'without a dot'],
    ['https://game.internal/', 'never resolves in public'],
    ['https://game.example/', 'never resolves in public'],
  ])('with the endpoint %s may be meant so, and is told', async (endpoint, message) => {
    const { errors, warnings } = await reading({ 'game-server': { ...gameServer, endpoint } });
    expect(errors).toEqual([]);
    expect(warnings).toMatchObject([{ field: '/endpoint', problem: expect.stringContaining(message) }]);
  });

  it('may lie in a private network that the deployment lists', async () => {
    const { errors } = await reading({ 'game-server': { ...gameServer, endpoint: 'https://10.20.1.1/' } }, {}, ['10.20.0.0/16']);
    expect(errors).toEqual([]);
  });

  it.each<[string, Files, string]>([
    ['an internal type', { own: declared('loginward.match.ended.v1') }, 'own.json /type begins with loginward.'],
    ['a type without a version', { own: declared('studio.match') }, 'own.json /type must be lower-case names'],
    ['a type twice', { a: declared('studio.a.v1'), b: declared('studio.a.v1') }, 'b.json /type studio.a.v1 is declared twice'],
    ['two types with one topic', { a: declared('studio.a_b.v1'), b: declared('studio.a-b.v1') }, 'b.json /type is too like'],
    ['a schema that is none', { a: { ...matchEnded, dataSchema: { type: 'thing' } } }, 'a.json /dataSchema is no JSON Schema'],
    ['a slip of the pen in a schema', { a: { ...matchEnded, dataSchema: { type: 'object', requird: ['matchId'] } } }, 'a.json /dataSchema is no JSON Schema'],
    ['a schema that lies elsewhere', { a: { ...matchEnded, dataSchema: { $ref: 'https://studio.com/x.json' } } }, 'a.json /dataSchema is no JSON Schema'],
    ['no word on outside producers', { a: { ...matchEnded, outsideProducers: undefined } }, 'a.json /outsideProducers '],
  ])('%s cannot be declared', async (_, eventTypes, message) => {
    expect(errorsOf(await reading({}, eventTypes))).toEqual([expect.stringContaining(message)]);
  });
});

describe('the graph of which input leads to which output', () => {
  const types = { a: declared('studio.a.v1'), b: declared('studio.b.v1', false) };

  it('has no loop when endpoints answer what asked for nothing', async () => {
    expect(errorsOf(await reading({ one: turns('one', 'studio.a.v1', 'studio.b.v1'), 'game-server': gameServer }, types))).toEqual([]);
  });

  it.each<[string, Files, string]>([
    ['of one endpoint', { one: turns('one', 'studio.a.v1', 'studio.a.v1') }, 'a loop: one → one'],
    ['of two endpoints', { one: turns('one', 'studio.a.v1', 'studio.b.v1'), two: turns('two', 'studio.b.v1', 'studio.a.v1') }, 'a loop: one → two → one'],
    ['through a service', { one: turns('one', 'loginward.action.completed.v1', 'loginward.action.completed.v1') }, 'a loop: one → one'],
  ])('a loop %s is found, once', async (_, subscriptions, message) => {
    expect(errorsOf(await reading(subscriptions, types))).toEqual([expect.stringContaining(message)]);
  });

  it('types that nobody emits and types that nobody consumes are told', async () => {
    const { warnings } = await reading({ one: { ...turns('one', 'studio.b.v1', 'studio.a.v1') } }, types);
    expect(warnings.map(({ problem }) => problem)).toEqual(['nobody emits studio.b.v1', 'nobody consumes studio.a.v1']);
  });

  it('is drawn in Mermaid', async () => {
    const { catalog } = await reading({ 'game-server': gameServer });
    const lines = mermaidOf(catalog).split('\n');
    expect(lines[0]).toBe('flowchart LR');
    expect(lines).toContain('  service_account_security -- action.requested --> endpoint_game_server');
    expect(lines).toContain('  endpoint_game_server -- action.completed --> service_login_logger');
  });
});

describe('the guide', () => {
  it('shows files that are good', async () => {
    const guide = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'subscriptions.md'), 'utf8');
    const [subscription, eventType, ...more] = [...guide.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => json);
    expect(more).toEqual([]);
    expect(errorsOf(await reading({ 'game-server': subscription ?? '' }, { 'match-ended': eventType ?? '' }))).toEqual([]);
  });
});

describe('nothing goes on with a bad file', () => {
  it('neither a deployment nor a local run', async () => {
    folders = await catalogFolders({ bad: { ...gameServer, name: 'bad', holdDays: 99 } });
    const options = { subscriptions: folders.subscriptions, eventTypes: folders.eventTypes, networks: [], allowsUnsigned: true };
    expect(() => validCatalog(options)).toThrow(/bad\.json: \/holdDays: /);
  });

  it.each<[string, number, object]>([
    ['good', 0, gameServer],
    ['bad', 1, { ...gameServer, emits: ['loginward.login.located.v1'] }],
  ])('npm run subscriptions:check of %s files ends with %i', async (_, code, file) => {
    folders = await catalogFolders({ 'game-server': file });
    const script = join(import.meta.dirname, '..', '..', 'bin', 'subscriptions-check.ts');
    const { exitCode, stdout, stderr } = await new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [script, ...(folders?.subscriptions ?? [])], (error, out, err) => resolve({ exitCode: Number(error?.code ?? 0), stdout: out, stderr: err }));
    });
    expect(exitCode).toBe(code);
    expect(stdout).toContain('flowchart LR');
    if (code === 1) expect(stderr).toMatch(/^error: .*game-server\.json: \/emits\/0: loginward\.login\.located\.v1 is internal/);
  });
});

describe('the plan of a merge, in words', () => {
  const parsed = (file: object) => subscriptionFile.parse(file);
  const types = { ...matchEnded };

  it('says what is added, changed, paused, resumed and removed', () => {
    const before = { subscriptions: [parsed(gameServer), parsed({ ...audit, paused: true }), parsed({ ...audit, name: 'old' })], eventTypes: [{ ...types, type: 'studio.old.v1' }, { ...types, type: 'studio.same.v1' }] };
    const after = {
      subscriptions: [parsed({ ...gameServer, endpoint: 'https://new.studio.com/', parallelism: 8, paused: true }), parsed(audit), parsed({ ...audit, name: 'fresh' })],
      eventTypes: [types, { ...types, type: 'studio.same.v1', outsideProducers: false, dataSchema: {} }],
    };
    expect(planOf(after, before)).toEqual([
      '+ declares studio.match.ended.v1 (match team), which outside producers may post',
      '~ changes studio.same.v1: the schema of its data',
      '~ closes studio.same.v1 to outside producers',
      '- takes back studio.old.v1: nobody can publish it any more',
      '~ changes game-server: endpoint from https://game.studio.com/loginward to https://new.studio.com/',
      '~ changes game-server: parallelism from 4 to 8',
      '~ pauses game-server: from then on its events are held',
      '~ resumes audit: what was held goes out within a minute',
      '+ adds fresh (security team): https://audit.studio.com/in gets verdict.decided, one-way',
      '- removes old: its queue goes with what is in it; what waits in its backlog stays, and a subscription of this name finds it again',
    ]);
  });

  it('says on Kafka what becomes of offsets, topics and what waits in them', () => {
    const kafka = { kafkaPartitions: 6, ownsTopics: true, keepsTopics: false };
    const before = { subscriptions: [parsed(gameServer), parsed({ ...audit, paused: true }), parsed({ ...audit, name: 'old' })], eventTypes: [types] };
    const after = { subscriptions: [parsed({ ...gameServer, paused: true }), parsed(audit), parsed({ ...audit, name: 'fresh', paused: true })], eventTypes: [] };
    expect(planOf(after, before, kafka)).toEqual([
      '- takes back studio.match.ended.v1: nobody can publish it any more, and its topic goes with what is in it',
      '~ pauses game-server: from then on its events wait in their topics, and are put aside when their hold time is over',
      '~ resumes audit: it goes on where it stood; what was put aside meanwhile comes back by npm run dlq alone',
      '+ adds fresh (security team): https://audit.studio.com/in gets verdict.decided, one-way; paused, so its events wait in their topics, and are put aside when their hold time is over',
      '- removes old: its topics keep each event for 14 days and its groups their offsets, so a subscription of this name goes on where it stood; what was parked or put aside stays',
    ]);
    expect(planOf(after, before, { ...kafka, keepsTopics: true })[0]).toBe('- takes back studio.match.ended.v1: nobody can publish it any more; its topic stays');
  });

  it('says on Kafka when a topic gets more partitions, and what that does to the order of an account', () => {
    const kafka = { kafkaPartitions: 6, ownsTopics: true, keepsTopics: true };
    const planned = (from: number, to: number, on = kafka) => {
      const of = (parallelism: number) => ({ subscriptions: [parsed(gameServer), parsed({ ...audit, parallelism })], eventTypes: [] });
      return planOf(of(to), of(from), on).filter((line) => line.includes('partitions'));
    };
    const meanwhile = ': until what lies there at that moment is delivered, a newer event of an account may overtake an older one, for everybody who reads them';
    expect(planned(1, 20)).toEqual([`~ raises the partitions of verdict.decided from 6 to 20${meanwhile}`]);
    expect(planned(8, 20)).toEqual([`~ raises the partitions of verdict.decided from 8 to 20${meanwhile}`]);
    expect(planned(1, 6)).toEqual([]);
    expect(planned(20, 8)).toEqual([]);
    expect(planned(1, 20, { ...kafka, ownsTopics: false })).toEqual([`~ needs 20 partitions of verdict.decided in place of 6, which npm run topics prints how to make${meanwhile}`]);
  });

  it('says nothing when nothing changes', () => {
    const subscriptions = [parsed(gameServer)];
    expect(planOf({ subscriptions, eventTypes: [types] }, { subscriptions, eventTypes: [types] })).toEqual([]);
  });
});
