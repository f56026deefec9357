/** How long a secret is used before it is read again; a rotation with two secrets in force lasts longer. */
const freshMilliseconds = 300_000;
/** How soon a read that failed is tried again. */
const againMilliseconds = 10_000;

/** Secrets that are read once in five minutes. A read that fails leaves the ones before in force. */
export function cachedSecrets<T>(read: () => Promise<T>, now: () => Date): () => Promise<T> {
  let current: { readonly secrets: Promise<T>; until: number } | undefined;
  return () => {
    if (current && now().getTime() < current.until) return current.secrets;
    const before = current?.secrets;
    const next = { secrets: before ? read().catch(() => before) : read(), until: now().getTime() + freshMilliseconds };
    next.secrets.catch(() => {
      next.until = now().getTime() + againMilliseconds;
    });
    current = next;
    return next.secrets;
  };
}
