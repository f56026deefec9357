/** The newest of what was pushed, at least `size` of them. */
export interface Ring<T> {
  push(item: T): void;
  /** Newest first. */
  newest(): T[];
}

export function ring<T>(size: number): Ring<T> {
  const items: T[] = [];
  return {
    push: (item) => {
      items.push(item);
      // Cut seldom: each cut moves what stays.
      if (items.length >= 2 * size) items.splice(0, items.length - size);
    },
    newest: () => items.toReversed(),
  };
}
