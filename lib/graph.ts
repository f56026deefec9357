import { eventType } from '../lambdas/contracts/names.ts';
import type { Catalog } from './catalog.ts';
import { services } from './services.ts';

/** One who takes some types, and what each of them may lead to. */
interface Node {
  readonly name: string;
  readonly isService: boolean;
  /** By type that it consumes, the types that it may emit for it. */
  readonly leads: ReadonlyMap<string, readonly string[]>;
  /** Types that it emits without consuming any: what comes from outside. */
  readonly sources: readonly string[];
}

function nodesOf({ subscriptions, eventTypes }: Catalog): Node[] {
  const open = eventTypes.filter(({ outsideProducers }) => outsideProducers).map(({ type }) => type);
  return [
    ...services.map(({ name, consumer, api }): Node => ({
      name,
      isService: true,
      leads: new Map(consumer?.consumes.map(({ event, leadsTo = [] }) => [eventType(event), leadsTo.map((each) => eventType(each))])),
      sources: [...(api?.publishes ?? []).map((event) => eventType(event)), ...(name === 'publisher' ? open : [])],
    })),
    ...subscriptions.map(({ name, eventTypes: wanted, emits = [] }): Node => ({
      name,
      isService: false,
      leads: new Map(wanted.map((type) => [type, emits])),
      sources: [],
    })),
  ];
}

/** Who may emit a type, by name. */
export const emittersOf = (type: string, catalog: Catalog): string[] =>
  nodesOf(catalog)
    .filter(({ leads, sources }) => sources.includes(type) || [...leads.values()].some((outputs) => outputs.includes(type)))
    .map(({ name }) => name);

/** Who consumes a type, by name. */
export const consumersOf = (type: string, catalog: Catalog): string[] =>
  nodesOf(catalog)
    .filter(({ leads }) => leads.has(type))
    .map(({ name }) => name);

/**
 * Loops: an input that leads to an output that leads, perhaps through others, to the same input of the same consumer. Each is
 * told once, by the names on its way; filters are not considered, because an endpoint's answer may hold any data.
 */
export function loopsOf(catalog: Catalog): string[][] {
  const nodes = nodesOf(catalog);
  const loops = new Map<string, string[]>();
  const done = new Set<string>();
  const walk = (path: readonly { node: Node; type: string }[]): void => {
    const last = path.at(-1);
    const state = `${last && nodes.indexOf(last.node)} ${last?.type}`;
    if (done.has(state)) return;
    for (const type of last?.node.leads.get(last.type) ?? []) {
      for (const node of nodes.filter(({ leads }) => leads.has(type))) {
        const start = path.findIndex((step) => step.node === node && step.type === type);
        if (start === -1) {
          walk([...path, { node, type }]);
          continue;
        }
        const names = path.slice(start).map((step) => step.node.name);
        const key = names.toSorted().join();
        if (!loops.has(key)) loops.set(key, [...names, names[0] ?? '']);
      }
    }
    done.add(state);
  };
  for (const node of nodes) for (const type of node.leads.keys()) walk([{ node, type }]);
  return [...loops.values()];
}

/** The graph in Mermaid: who passes which type to whom. */
export function mermaidOf(catalog: Catalog): string {
  // The http-bridge itself passes nothing; its subscriptions do.
  const nodes = nodesOf(catalog).filter(({ leads, sources }) => leads.size > 0 || sources.length > 0);
  // Prefixed, because Mermaid has words of its own, such as `end`.
  const idOf = (name: string) => `${nodes.some((node) => node.isService && node.name === name) ? 'service' : 'endpoint'}_${name.replaceAll('-', '_')}`;
  const shape = ({ name, isService }: Node) => (isService ? `  ${idOf(name)}[${name}]` : `  ${idOf(name)}([${name}])`);
  const edges = nodes.flatMap((consumer) =>
    [...consumer.leads.keys()].flatMap((type) =>
      emittersOf(type, catalog).map((emitter) => `  ${idOf(emitter)} -- ${type.replace(/^loginward\.(.*)\.v1$/, '$1')} --> ${idOf(consumer.name)}`),
    ),
  );
  return ['flowchart LR', ...nodes.map(shape), ...edges].join('\n');
}
