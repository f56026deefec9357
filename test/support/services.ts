import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { factsStore } from '../../lambdas/account-security/facts-store.ts';
import type { Services as JudgeServices } from '../../lambdas/account-security/handler.ts';
import type { Services as PlayerServices } from '../../lambdas/account-security/routes.ts';
import { settingsStore } from '../../lambdas/account-security/settings-store.ts';
import { verdictStore } from '../../lambdas/account-security/verdict-store.ts';
import type { Services as StandingServices } from '../../lambdas/account-standing/handler.ts';
import { standingStore } from '../../lambdas/account-standing/store.ts';
import { defaultStaleAfterSeconds } from '../../lambdas/contracts/actions.ts';
import { defaultResponses, type SecuritySettings } from '../../lambdas/contracts/settings.ts';
import type { Services as LoggerServices } from '../../lambdas/login-logger/handler.ts';
import { keys } from '../../lambdas/login-logger/keys.ts';
import { historyStore } from '../../lambdas/login-logger/store.ts';
import { erasureOf } from '../../lambdas/runtime/erasure.ts';
import type { Publisher } from '../../lambdas/runtime/publisher.ts';
import { memoryTelemetry } from './records.ts';

/** The settings of an account that chose nothing, in tests. */
export const defaults: SecuritySettings = { homeCountries: ['KR'], responses: defaultResponses };

/** What login-logger depends on, over real tables. */
export function loggerServices(tables: DynamoDBDocumentClient, now: () => Date, homeCountries: readonly string[] = defaults.homeCountries): LoggerServices {
  return {
    history: historyStore(tables, 'login-history', now),
    erasure: erasureOf(tables, [{ table: 'login-history', sortKey: 'entry', tombstone: keys.account }], now),
    defaultHomeCountries: homeCountries,
    telemetry: memoryTelemetry(),
  };
}

/** What account-security depends on to judge, over real tables. */
export function judgeServices(tables: DynamoDBDocumentClient, chosen: SecuritySettings = defaults): JudgeServices {
  return {
    settings: settingsStore(tables, 'security-settings', chosen, randomUUID),
    verdicts: verdictStore(tables, 'verdicts'),
    facts: factsStore(tables, 'account-facts'),
    staleAfterSeconds: defaultStaleAfterSeconds,
    mode: 'enforce',
    telemetry: memoryTelemetry(),
  };
}

/** What the player's routes of account-security depend on, over real tables. */
export function playerServices(tables: DynamoDBDocumentClient, publisher: Publisher, now: () => Date): PlayerServices {
  let ids = 0;
  return {
    settings: settingsStore(tables, 'security-settings', defaults, randomUUID),
    verdicts: verdictStore(tables, 'verdicts'),
    facts: factsStore(tables, 'account-facts'),
    erasure: erasureOf(tables, [{ table: 'account-facts' }, { table: 'security-settings', sortKey: 'version' }], now),
    publisher,
    defaults,
    accountClaim: 'sub',
    trustedMethods: ['otp'],
    newId: () => `id-${(ids += 1)}`,
    now,
  };
}

/** What account-standing depends on, over real tables. */
export function standingServices(tables: DynamoDBDocumentClient, now: () => Date, locksPerHour = 1_000_000): StandingServices {
  return { standings: standingStore(tables, 'standings'), locksPerHour, telemetry: memoryTelemetry(), now };
}
