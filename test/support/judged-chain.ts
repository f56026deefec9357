import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { judge, type Services as JudgeServices } from '../../lambdas/account-security/handler.ts';
import type { Event } from '../../lambdas/contracts/events.ts';
import type { HistoryItem } from '../../lambdas/contracts/answers.ts';
import type { LocatedLogin, Verdict } from '../../lambdas/contracts/verdict.ts';
import { keepVerdict, recordLogin, type Services as LoggerServices } from '../../lambdas/login-logger/handler.ts';
import { historyReader } from '../../lambdas/login-logger/reader.ts';
import { compose, type Draft } from '../../lambdas/runtime/drafts.ts';
import { eventOf } from './logins.ts';
import { defaults, judgeServices, loggerServices } from './services.ts';

/** What login-logger and account-security make of an event on the way from a login to its verdict; nothing of any other. */
export async function judgedBy(event: Event, logger: LoggerServices, security: JudgeServices): Promise<readonly Draft[]> {
  switch (event.type) {
    case 'loginward.login.located.v1':
      return recordLogin(event, logger);
    case 'loginward.login.recorded.v1':
      return judge(event, security);
    case 'loginward.verdict.decided.v1':
      await keepVerdict(event, logger);
      return [];
    default:
      return [];
  }
}

/** login-logger and account-security over real tables, with a bus that delivers as a test says. */
export function judgedChain(tables: DynamoDBDocumentClient, defaultHomeCountries: readonly string[], now: () => Date) {
  const logger = loggerServices(tables, now, defaultHomeCountries);
  const security = judgeServices(tables, { ...defaults, homeCountries: [...defaultHomeCountries] });
  const { verdicts } = security;
  const reader = historyReader(tables, 'login-history', now);

  return {
    /** Delivers logins, and all that follows, `parallel` at a time, in the order that `pick` chooses from what is open. */
    async run(accountId: string, logins: readonly LocatedLogin[], pick: (open: number) => number, parallel = 1): Promise<Draft[]> {
      const open: Event[] = logins.map((login) => eventOf('login.located', accountId, login));
      const asked: Draft[] = [];
      while (open.length > 0) {
        const batch = Array.from({ length: Math.min(parallel, open.length) }, () => open.splice(pick(open.length), 1)[0] as Event);
        const outcomes = await Promise.all(batch.map(async (event) => ({ event, drafts: await judgedBy(event, logger, security) })));
        for (const { event, drafts } of outcomes) {
          asked.push(...drafts.filter(({ name }) => name === 'action.requested'));
          open.push(...drafts.map((draft) => compose(draft, event, 'test', now()) as Event));
        }
      }
      return asked;
    },
    async history(accountId: string): Promise<HistoryItem[]> {
      return (await reader.page(accountId, 100)).items;
    },
    /** What a judgement rests on; how often it was made, and which actions followed at which time, is left out. */
    async receipt(accountId: string, loginId: string): Promise<Omit<Verdict, 'actions'> | undefined> {
      return (await verdicts.find(accountId, loginId))?.receipt;
    },
  };
}
