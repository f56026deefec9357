import { useEffect, useState } from 'preact/hooks';

const scheme = matchMedia('(prefers-color-scheme: dark)');
const known = new Map<string, string>();
scheme.addEventListener('change', () => known.clear());

/** Calls back when light becomes dark, or dark light. @returns how to hear no more of it */
export function onScheme(listener: () => void): () => void {
  scheme.addEventListener('change', listener);
  return () => scheme.removeEventListener('change', listener);
}

/** Draws a component again when light becomes dark. */
export function useScheme(): void {
  const [, setScheme] = useState(scheme.matches);
  useEffect(() => onScheme(() => setScheme(scheme.matches)), []);
}

/** A colour of the theme, such as `--line`, as a canvas takes it: `rgb(43, 53, 64)`. */
export function themeColour(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  known.set(name, colour);
  return colour;
}

const themeSeries = 8;

/** The colour of a line: what the dashboard says, as far as it can be seen on this ground; else the theme's next one. */
export function seriesColour(given: string | undefined, index: number): string {
  if (given === undefined) return themeColour(`--series-${(index % themeSeries) + 1}`);
  const key = `given ${given}`;
  const colour = known.get(key) ?? visible(given, themeColour('--surface'), themeColour('--text'));
  known.set(key, colour);
  return colour;
}

/** The same colour, let through in part. */
export const faded = (colour: string, share: number): string => colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`);

/** What is drawn must have a contrast of 3 to 1 against its ground: https://www.w3.org/TR/WCAG22/#non-text-contrast */
const leastContrast = 3;

/** A colour, mixed with that of the text until it stands out from the ground. */
function visible(given: string, ground: string, text: string): string {
  const [from, to] = [partsOf(given), partsOf(text)];
  for (let share = 0; share <= 1; share += 0.1) {
    const mixed = from.map((part, index) => part + share * ((to[index] ?? 0) - part));
    if (contrast(mixed, partsOf(ground)) >= leastContrast) return `rgb(${mixed.map(Math.round).join(', ')})`;
  }
  return text;
}

/** Red, green and blue of `#rrggbb` or `rgb(…)`, from 0 to 255. */
const partsOf = (colour: string): number[] =>
  colour.startsWith('#') ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) : (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);

function contrast(a: readonly number[], b: readonly number[]): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(parts: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = parts.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
