import * as z from 'zod/mini';
import { subscriptionFile } from '../contracts/subscriptions.ts';

/** A subscription as its function gets it, in one environment variable. */
const schema = z.object({
  ...subscriptionFile.shape,
  emits: z.array(z.string()),
  /** Events that one invocation may have at the endpoint at once. */
  share: z.int().check(z.minimum(1)),
  /** Private networks that endpoints may lie in, in CIDR notation. */
  networks: z.array(z.string()),
});
export type DeployedSubscription = z.infer<typeof schema>;

/** @throws when the deployment wrote something else */
export const deployedSubscription = (json: string): DeployedSubscription => schema.parse(JSON.parse(json));
