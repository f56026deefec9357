/** A stand-in, so that the templates can be made: raises the partitions of a topic. */
export const handler = partitionsFunction();

function partitionsFunction(): () => Promise<never> {
  return () => Promise.reject(new Error('not written yet'));
}
