/** A function that is made by the first call and then stays; a failed making is tried again by the next call. */
export function once<A extends unknown[], R>(make: () => Promise<(...args: A) => Promise<R>>): (...args: A) => Promise<R> {
  let made: Promise<(...args: A) => Promise<R>> | undefined;
  return async (...args) => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return (await made)(...args);
  };
}
