import type { Ask } from '../../local/aws/authority.ts';
import type { Call } from '../../local/aws/calls.ts';
import type { Trouble } from '../../local/aws/endpoint.ts';

/** Where a function calls AWS: what it calls, on what, and in which words. */
export interface CallSite {
  readonly functionName: string;
  readonly service: string;
  readonly operation: string;
  /** Name of the table, topic, queue, bucket or secret; `sms` and `email` for what goes out. */
  readonly resource: string;
  /** What tells calls of one operation on one resource apart: expressions, and what a key begins with. */
  readonly place: string;
}

/** A call site, and how often it was met. */
export interface Met extends CallSite {
  count: number;
}

/** What functions called while a local run ran. */
export interface CallRecorder {
  /** For `Trouble.before`. */
  readonly before: NonNullable<Trouble['before']>;
  readonly sites: ReadonlyMap<string, Met>;
  /** What each function asked IAM for, without the keys of topics; a table by its name, a queue by its URL, all else by its ARN. */
  readonly asked: ReadonlyMap<string, ReadonlyMap<string, Ask>>;
}

/** Takes down every call that functions send to the local AWS. */
export function callRecorder(): CallRecorder {
  const sites = new Map<string, Met>();
  const asked = new Map<string, Map<string, Ask>>();
  return {
    sites,
    asked,
    before: (functionName, call) => {
      const site = callSiteOf(functionName, call);
      const met = sites.get(nameOf(site)) ?? { ...site, count: 0 };
      met.count += 1;
      sites.set(nameOf(site), met);
      const own = asked.get(functionName) ?? new Map<string, Ask>();
      for (const ask of call.asks) own.set(`${ask.action} ${ask.resource}`, ask);
      asked.set(functionName, own);
    },
  };
}

/** The name of a call site, by which it is the same in every run. */
export const nameOf = ({ functionName, operation, resource, place }: CallSite): string => [functionName.replace('loginward-local-', ''), operation, resource, place].filter(Boolean).join(' ');

/** The call site of a call. */
export function callSiteOf(functionName: string, { service, operation, input, asks }: Call): CallSite {
  const resource = service === 's3' ? input.bucket : service === 'ses' ? 'email' : input.phoneNumber ? 'sms' : (asks[0]?.resource.split(/[:/]/).at(-1) ?? '');
  return { functionName, service, operation, resource: resource.replace('loginward-local-', ''), place: service === 'dynamodb' ? placeOf(input) : service === 's3' ? folderOf(input) : '' };
}

interface DynamoDbInput {
  readonly Key?: Item;
  readonly Item?: Item;
  readonly UpdateExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly ScanIndexForward?: boolean;
}
type Item = Readonly<Record<string, { readonly S?: string }>>;

/** Expressions with the names that stand in them, and what the kinds of keys begin with. */
function placeOf(input: DynamoDbInput): string {
  const { Key, Item, ExpressionAttributeNames: names = {} } = input;
  const expression = [input.UpdateExpression ?? input.KeyConditionExpression, input.ConditionExpression ?? input.FilterExpression]
    .filter((each) => each !== undefined)
    .join(' if ')
    .replaceAll(/#\w+/g, (name) => kindOf(names[name] ?? name));
  const order = input.KeyConditionExpression === undefined ? '' : input.ScanIndexForward === false ? 'newest' : 'oldest';
  return [kindsOf(Key ?? Item ?? {}), order, expression].filter(Boolean).join(' ');
}

/** Names that hold a number, such as a version, are of one kind. */
const kindOf = (name: string): string => name.replace(/_\d+$/, '_N');

/** What the text attributes of a key begin with: hashed accounts (`#`), and sort keys such as `~country#`. */
const kindsOf = (key: Item): string =>
  ['accountId', 'entry', 'actionId', 'since', 'owner']
    .flatMap((name) => /^(#(?=[0-9a-f]{64}$)|~[a-z]+|account#|network#|sms#|campaign#|password$)/.exec(key[name]?.S ?? '')?.[0] ?? [])
    .join(' ');

/** Of an object its folder. */
const folderOf = ({ key, prefix }: { readonly key?: string; readonly prefix?: string }): string => (key ?? prefix ?? '').split('/')[0] ?? '';
