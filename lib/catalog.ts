import { basename } from 'node:path';
import { type EventTypeFile, eventTypeFile } from '../lambdas/contracts/event-types.ts';
import { eventNames, eventType, internalEventNames, topicName, topicOf } from '../lambdas/contracts/names.ts';
import { emittableOwnType, type Subscription, subscriptionFile } from '../lambdas/contracts/subscriptions.ts';
import { addressGuard, literalOf } from '../lambdas/http-bridge/guard.ts';
import { consumersOf, emittersOf, loopsOf } from './graph.ts';
import { type CatalogFinding, type ReadFile, readFiles, refuseBadFiles } from './json-files.ts';
import { services } from './services.ts';

/** What the company has joined to the bus: its endpoints, and event types of its own. */
export interface Catalog {
  readonly subscriptions: readonly Subscription[];
  readonly eventTypes: readonly EventTypeFile[];
}

export interface CatalogOptions {
  /** Folders of the files; one that does not exist holds none. */
  readonly subscriptions: readonly string[];
  readonly eventTypes: readonly string[];
  /** Private networks that endpoints may lie in, in CIDR notation. */
  readonly networks: readonly string[];
  /** Whether a subscription may be without a secret, as in the local run. */
  readonly allowsUnsigned: boolean;
}

export interface CatalogReading {
  readonly catalog: Catalog;
  /** What keeps it from being deployed. */
  readonly errors: readonly CatalogFinding[];
  /** What may be meant so. */
  readonly warnings: readonly CatalogFinding[];
}

/** A function's environment holds 4 KB: its subscription, and the topics that it may publish to. */
const maxFileBytes = 2000;
const maxOpenTypes = 20;
/** A parameter of SSM holds 4 KB. */
const maxTypeBytes = 4000;
/** SNS multiplies the numbers of values of a filter policy's fields. */
const maxFilterCombinations = 150;
/** What CloudFormation takes in a stack, less what is there without subscriptions; and what each of them is made of. */
const maxResources = 490;
const resourcesOfSubscription = 24;

/** Reads all files, and checks each for itself and all against each other. */
export function readCatalog(options: CatalogOptions): CatalogReading {
  const errors: CatalogFinding[] = [];
  const eventTypes = options.eventTypes.flatMap((folder) => readFiles(folder, eventTypeFile, errors));
  const subscriptions = options.subscriptions.flatMap((folder) => readFiles(folder, subscriptionFile, errors));
  const catalog = { subscriptions: subscriptions.map(({ value }) => value), eventTypes: eventTypes.map(({ value }) => value) };

  const known = new Set<string>([...eventNames.map((name) => eventType(name)), ...catalog.eventTypes.map(({ type }) => type)]);
  const topics = new Map<string, string>(eventNames.map((name) => [topicName(name), eventType(name)]));
  for (const { file, value } of eventTypes) {
    const other = topics.get(topicOf(value.type));
    if (other !== undefined) errors.push({ file, field: '/type', problem: other === value.type ? `${other} is declared twice` : `is too like ${other}: both would have the topic ${topicOf(other)}` });
    topics.set(topicOf(value.type), value.type);
    if (Buffer.byteLength(JSON.stringify(value)) > maxTypeBytes) errors.push({ file, field: '/dataSchema', problem: `is too large: a declaration has at most ${maxTypeBytes} bytes` });
  }
  for (const { file } of eventTypes.filter(({ value }) => value.outsideProducers).slice(maxOpenTypes)) {
    errors.push({ file, field: '/outsideProducers', problem: `at most ${maxOpenTypes} event types can be open to outside producers` });
  }
  const names = new Set<string>();
  let resources = 0;
  for (const { file, value } of subscriptions) {
    const { name, eventTypes: wanted, emits = [], secret } = value;
    if (`${name}.json` !== basename(file)) errors.push({ file, field: '/name', problem: `must be the name of the file, ${basename(file, '.json')}` });
    if (services.some((service) => service.name === name)) errors.push({ file, field: '/name', problem: `${name} is the name of a service` });
    if (names.has(name)) errors.push({ file, field: '/name', problem: `${name} is there twice` });
    names.add(name);
    const combinations = Object.values(value.filter ?? {}).reduce((product, { length }) => product * length, 1);
    if (combinations > maxFilterCombinations) {
      errors.push({ file, field: '/filter', problem: `has ${combinations} combinations of values; SNS takes ${maxFilterCombinations}` });
    }
    resources += resourcesOfSubscription + wanted.length;
    if (resources > maxResources) errors.push({ file, field: '', problem: 'is one subscription too many for a stack; put some into a deployment of their own' });
    if (Buffer.byteLength(JSON.stringify(value)) > maxFileBytes) errors.push({ file, field: '', problem: `is larger than ${maxFileBytes} bytes` });
    wanted.forEach((type, index) => {
      const field = `/eventTypes/${index}`;
      if (!known.has(type)) errors.push({ file, field, problem: `${type} is no event type; declare it in event-types/, or look for a slip of the pen` });
      if (internal.has(type)) errors.push({ file, field, problem: `${type} is between the parts of one service; no endpoint gets it` });
    });
    emits.forEach((type, index) => {
      const field = `/emits/${index}`;
      if (!known.has(type)) errors.push({ file, field, problem: `${type} is no event type; declare it in event-types/` });
      else if (type.startsWith('loginward.') && type !== emittableOwnType) errors.push({ file, field, problem: `${type} is internal; of Loginward's own types an endpoint may emit ${emittableOwnType} alone` });
    });
    for (const problem of endpointProblems(value.endpoint, options.networks)) errors.push({ file, field: '/endpoint', problem });
    if (secret === undefined && !options.allowsUnsigned) errors.push({ file, field: '/secret', problem: 'is missing; only the local run does without a signature' });
  }
  for (const loop of loopsOf(catalog)) {
    const first = subscriptions.find(({ value }) => loop.includes(value.name));
    errors.push({ file: first?.file ?? 'subscriptions', field: '/emits', problem: `a loop: ${loop.join(' → ')}` });
  }
  return { catalog, errors, warnings: warningsOf(catalog, subscriptions, eventTypes) };
}

const internal = new Set<string>(internalEventNames.map((name) => eventType(name)));

/** The names of loopback never leave the machine (RFC 6761, 6.3). */
const isLoopbackName = (hostname: string): boolean => /(^|\.)localhost\.?$/.test(hostname);

/** What is wrong with an endpoint's spelling; where its name leads, only the moment of dialling can tell. */
function endpointProblems(endpoint: string, networks: readonly string[]): string[] {
  if (!URL.canParse(endpoint)) return ['is no URL'];
  const { protocol, hostname, username, password, hash } = new URL(endpoint);
  const guard = addressGuard(networks);
  const literal = literalOf(hostname) ?? (isLoopbackName(hostname) ? '127.0.0.1' : undefined);
  const problems: string[] = [];
  const isPlainAllowed = literal !== undefined && guard.allowsPlain(literal);
  if (protocol !== 'https:' && !(protocol === 'http:' && isPlainAllowed)) problems.push('must begin with https://');
  if (username !== '' || password !== '') problems.push('must not hold a user name or password; requests are signed instead');
  if (hash !== '') problems.push('must not hold a fragment, which is never sent');
  if (literal !== undefined && !guard.allows(literal)) problems.push('lies at a private, reserved or loopback address; list its network in the setting endpointNetworks if that is meant');
  return problems;
}

/** What may be wrong with where an endpoint lies; a private network may have such names. */
function endpointDoubts(endpoint: string): string[] {
  const { hostname } = new URL(endpoint);
  if (literalOf(hostname) !== undefined || isLoopbackName(hostname)) return [];
  if (!hostname.includes('.')) return ['has a host without a dot, which no public name is'];
  return /\.(internal|local|example|invalid|test)\.?$/.test(hostname) ? ['has a host under a name that never resolves in public'] : [];
}

function warningsOf(catalog: Catalog, subscriptions: readonly ReadFile<Subscription>[], eventTypes: readonly ReadFile<EventTypeFile>[]): CatalogFinding[] {
  const warnings: CatalogFinding[] = [];
  for (const { file, value } of subscriptions) {
    const doubts = URL.canParse(value.endpoint) ? endpointDoubts(value.endpoint) : [];
    warnings.push(...doubts.map((problem) => ({ file, field: '/endpoint', problem })));
    value.eventTypes.forEach((type, index) => {
      if (emittersOf(type, catalog).length === 0) warnings.push({ file, field: `/eventTypes/${index}`, problem: `nobody emits ${type}` });
    });
  }
  for (const { file, value } of eventTypes) {
    if (consumersOf(value.type, catalog).length === 0) warnings.push({ file, field: '/type', problem: `nobody consumes ${value.type}` });
  }
  return warnings;
}

/** @throws CatalogError that names each bad file and field */
export function validCatalog(options: CatalogOptions): Catalog {
  const { catalog, errors } = readCatalog(options);
  refuseBadFiles('subscriptions', errors);
  return catalog;
}
