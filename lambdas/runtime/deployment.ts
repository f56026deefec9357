import * as z from 'zod/mini';
import { variables } from '../contracts/names.ts';
import { responsesByTrigger, type SecuritySettings } from '../contracts/settings.ts';
import { type Environment, jsonOf, listOf, required } from './environment.ts';

/** The settings of an account that chose nothing. */
export const defaultSettingsOf = (env: Environment): SecuritySettings => ({
  homeCountries: listOf(env, variables.homeCountries),
  responses: jsonOf(env, variables.defaultResponses, responsesByTrigger()),
});

/** `observe` judges and does nothing; `enforce` does what players chose. */
export const deploymentMode = z.enum(['observe', 'enforce']);
export type DeploymentMode = z.infer<typeof deploymentMode>;

export const deploymentModeOf = (env: Environment): DeploymentMode => deploymentMode.parse(required(env, variables.mode));
