import type { Ending } from './story.ts';
import type { Wave } from './wave.ts';

/** How the end of a story differs from that of the first, which met no fault. */
export interface Verdict {
  readonly lost: number;
  readonly doubled: number;
  /** SMS of which nobody knows whether they went out: one at most for each that is missing. */
  readonly unknown: number;
  /** What went out once more where it may: e-mails, and events to endpoints. */
  readonly again: number;
  /** Each difference in words; none when it ended as it should. */
  readonly lines: readonly string[];
}

/** Compares the story at an index of a wave with the first. */
export function differences({ endings }: Pick<Wave, 'endings'>, index: number): Verdict {
  const [right, is] = [endings[0], endings[index]];
  if (!right || !is) throw new Error(`There is no story ${index}.`);
  const messages = messagesOf(right, is);
  const facts = Object.keys({ ...right.facts, ...is.facts }).flatMap((name) => linesOf(name, known(right.facts[name]), known(is.facts[name])));
  const lost = facts.filter((line) => line.startsWith('-')).length + messages.lost.length;
  const doubled = facts.filter((line) => line.startsWith('+')).length + messages.doubled.length + is.doubledSms;
  return {
    lost,
    doubled,
    unknown: is.unknown,
    again: is.doubledEmails + is.doubledEvents,
    lines: [...facts, ...messages.lost.map((what) => `- ${what}`), ...messages.doubled.map((what) => `+ ${what}`), ...(is.doubledSms > 0 ? [`+ ${is.doubledSms} SMS twice`] : [])],
  };
}

/** Whoever asked for a code again got one more; an SMS whose end is unknown may be missing. */
function messagesOf(right: Ending, is: Ending): { lost: string[]; doubled: string[] } {
  const lost: string[] = [];
  const doubled: string[] = [];
  let unknown = is.unknown;
  for (const what of new Set([...right.messages.keys(), ...is.messages.keys()])) {
    const [wanted, found] = [right.messages.get(what) ?? 0, is.messages.get(what) ?? 0];
    const mayBeMore = /code/i.test(what) && is.askedAgain > 0;
    for (let missing = wanted - found; missing > 0; missing -= 1) {
      if (what.startsWith('sms') && unknown > 0) unknown -= 1;
      else lost.push(what);
    }
    if (found > wanted && !mayBeMore) doubled.push(`${what}: ${found} in place of ${wanted}`);
  }
  return { lost, doubled };
}

/** An outcome that nobody knows is counted, and otherwise as good as any other. */
const known = (fact: unknown): unknown => JSON.parse((JSON.stringify(fact) ?? 'null').replaceAll('sms unknown"', 'sms done"'));

/** The differences of two facts, line by line. */
function linesOf(name: string, right: unknown, is: unknown): string[] {
  const [wanted, found] = [entriesOf(right), entriesOf(is)];
  const counts = new Map<string, number>();
  for (const each of wanted) counts.set(each, (counts.get(each) ?? 0) - 1);
  for (const each of found) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].flatMap(([each, count]) => (count === 0 ? [] : [`${count < 0 ? '-' : '+'} ${name}: ${each}`]));
}

const entriesOf = (fact: unknown): string[] =>
  Array.isArray(fact) ? fact.map((each) => JSON.stringify(each)) : typeof fact === 'object' && fact !== null ? Object.entries(fact).map((each) => JSON.stringify(each)) : [JSON.stringify(fact)];

/** Which of an attack's tries come first, and get rows of their own, is the order's; how many do and how many are counted is not. */
export const inAnyOrder = (ending: Ending): Ending => ({ ...ending, facts: JSON.parse(JSON.stringify(ending.facts).replaceAll(/"c\/try\d+"/g, '"c/try"')) as Ending['facts'] });
