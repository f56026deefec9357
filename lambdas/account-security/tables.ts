import { variables } from '../contracts/names.ts';
import { type Environment, required } from '../runtime/environment.ts';
import type { AccountTable } from '../runtime/erasure.ts';

/** The tables that both functions of the service write, the one with the tombstones first. */
export const accountTables = (env: Environment): [AccountTable, AccountTable] => [
  { table: required(env, variables.table('account-facts')) },
  { table: required(env, variables.table('security-settings')), sortKey: 'version' },
];
