/** A schema that is made when it is first asked for: of those that several functions share each function needs a few, and every one takes up to 50 µs of a cold start. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
