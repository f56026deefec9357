/** How long a secret is used before it is read again; a rotation with two secrets in force lasts longer. */
const freshMilliseconds = 300_000;

/** Secrets that are read once in five minutes. A read that fails leaves the ones before in force. */
export function cachedSecrets<T>(read: () => Promise<T>, now: () => Date): () => Promise<T> {
  let current: { readonly secrets: Promise<T>; readonly until: number } | undefined;
  return async () => {
    if (current && now().getTime() < current.until) return current.secrets;
    const before = current;
    current = { secrets: read(), until: now().getTime() + freshMilliseconds };
    try {
      return await current.secrets;
    } catch (error) {
      current = before;
      if (before) return before.secrets;
      throw error;
    }
  };
}
