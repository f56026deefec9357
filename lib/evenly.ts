/** As few lists as there must be of so many items at most, filled as evenly as they go: four in lists of three become two and two. */
export function evenly<T>(items: readonly T[], most: number): T[][] {
  const count = Math.ceil(items.length / most);
  const start = (index: number): number => Math.ceil((items.length * index) / count);
  return Array.from({ length: count }, (_, index) => items.slice(start(index), start(index + 1)));
}
