import type { HistoryItem } from '../../../lambdas/contracts/answers.ts';
import type { ChannelName, Response, Trigger, UnlocatedReason } from '../../../lambdas/contracts/primitives.ts';
import type { ProblemKind } from '../../../lambdas/contracts/problem.ts';
import type { StandingReason } from '../../../lambdas/contracts/standing.ts';
import type { ActionOutcome } from '../../../lambdas/contracts/verdict.ts';
import type { SignInFailure } from '../session.ts';
import { en } from './en.ts';
import { ko } from './ko.ts';

/** What may be chosen for a trigger; `disputed` always locks. */
export type ChosenTrigger = Exclude<Trigger, 'disputed'>;
/** What can be ticked; `none` is what is left when nothing is. */
export type ChosenResponse = Exclude<Response, 'none'>;
/** What went wrong between here and the API, before or in place of a problem of its own. */
export type Trouble = ProblemKind | 'offline' | 'throttled' | 'unreachable' | 'signed-out';

/** Everything that the page says. Both languages have all of it, or nothing compiles. */
export interface Words {
  readonly title: string;
  readonly language: string;
  readonly skip: string;
  readonly sections: string;
  readonly attribution: string;
  readonly tryAgain: string;
  readonly cancel: string;
  readonly close: string;
  readonly loading: string;

  readonly signIn: {
    readonly button: string;
    readonly again: string;
    readonly out: string;
    readonly as: (account: string) => string;
    readonly welcome: string;
    readonly points: readonly string[];
    readonly working: string;
    readonly ended: string;
    readonly done: string;
    readonly failed: Readonly<Record<SignInFailure, string>>;
    readonly noConfig: string;
  };

  readonly history: {
    readonly title: string;
    readonly lead: string;
    readonly zone: (zone: string) => string;
    readonly today: string;
    readonly yesterday: string;
    readonly none: string;
    readonly noneUnusual: (searched: number) => string;
    readonly onlyUnusual: string;
    readonly refresh: string;
    readonly more: string;
    readonly searchOlder: string;
    readonly shown: (count: number) => string;
    readonly unknownPlace: string;
    readonly unlocated: Readonly<Record<UnlocatedReason, string>>;
    readonly outcome: Readonly<Record<HistoryItem['outcome'], string>>;
    readonly moreFailures: (count: number) => string;
    readonly disputed: string;
    readonly confirmed: string;
    readonly trigger: Readonly<Record<Trigger, string>>;
    readonly nothingDone: string;
    readonly details: string;
    readonly detailsOf: (place: string, time: string) => string;
    readonly address: string;
    readonly time: string;
    readonly device: string;
    readonly deviceId: string;
    readonly product: string;
    readonly session: string;
  };

  /** An action by how it stands: `E-mail sent`. */
  readonly action: (response: Response, outcome: ActionOutcome | undefined) => string;

  readonly answer: {
    readonly wasMe: string;
    readonly notMe: string;
    readonly wasMeDone: string;
    readonly notMeDone: string;
    readonly question: string;
    readonly login: (place: string, time: string) => string;
    readonly consequences: readonly string[];
    readonly lock: string;
  };

  readonly verdict: {
    readonly why: string;
    readonly rules: string;
    readonly held: string;
    readonly notHeld: string;
    readonly settings: string;
    readonly version: (version: number) => string;
    readonly home: (countries: string) => string;
    readonly trip: (countries: string, from: string, until: string) => string;
    readonly noTrips: string;
    readonly database: string;
    readonly builtOn: (name: string, date: string) => string;
    readonly proof: string;
    readonly proofText: string;
    readonly save: string;
    readonly notYet: string;
  };

  readonly settings: {
    readonly title: string;
    readonly lead: string;
    readonly trigger: Readonly<Record<ChosenTrigger, string>>;
    readonly triggerNote: Readonly<Record<ChosenTrigger, string>>;
    readonly response: Readonly<Record<ChosenResponse, string>>;
    readonly nothing: string;
    readonly home: string;
    readonly homeNote: string;
    readonly oneHome: string;
    readonly unsaved: string;
    readonly save: string;
    readonly saving: string;
    readonly discard: string;
    readonly saved: string;
    readonly changedElsewhere: string;
    readonly weakens: string;
  };

  readonly countries: {
    readonly search: string;
    readonly hint: string;
    readonly add: (name: string) => string;
    readonly remove: (name: string) => string;
    readonly added: (name: string) => string;
    readonly removed: (name: string) => string;
    readonly found: (count: number) => string;
  };

  readonly trips: {
    readonly title: string;
    readonly lead: string;
    readonly none: string;
    readonly list: string;
    readonly announce: string;
    readonly where: string;
    readonly from: string;
    readonly until: string;
    readonly add: string;
    readonly chooseCountry: string;
    readonly untilBeforeFrom: string;
    readonly tooLong: string;
    readonly added: string;
    readonly cancelled: string;
    readonly cancelTrip: string;
    readonly cancelOf: (countries: string) => string;
    readonly days: (count: number) => string;
    readonly inZone: (zone: string) => string;
  };

  readonly locked: {
    readonly title: string;
    readonly since: (time: string) => string;
    readonly reason: Readonly<Record<StandingReason, string>>;
    readonly pending: string;
    readonly unlock: string;
    readonly unlocking: string;
    readonly unlocked: string;
    readonly changePassword: string;
  };

  readonly code: {
    readonly channel: string;
    readonly channels: Readonly<Record<ChannelName, string>>;
    readonly send: string;
    readonly sent: Readonly<Record<ChannelName, string>>;
    readonly label: string;
    readonly verify: string;
    readonly another: string;
    readonly limits: string;
  };

  readonly stepUp: {
    readonly title: string;
    readonly text: string;
    readonly done: string;
  };

  readonly trouble: Readonly<Record<Trouble, string>>;
  readonly retryAfter: (seconds: number) => string;
}

export const words = { ko, en };
