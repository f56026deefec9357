/** SQS takes 256 KiB at once; some room is left for attributes. */
const maxBytes = 250 * 1024;

/**
 * Chunks of so many items, and of so many bytes.
 *
 * @param mostBytes left out, what SQS takes at once
 */
export function chunks<T>(items: readonly T[], size: number, bytesOf: (item: T) => number = () => 0, mostBytes = maxBytes): T[][] {
  const all: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const last = all.at(-1);
    bytes += bytesOf(item);
    if (last && last.length < size && bytes <= mostBytes) {
      last.push(item);
    } else {
      all.push([item]);
      bytes = bytesOf(item);
    }
  }
  return all;
}
