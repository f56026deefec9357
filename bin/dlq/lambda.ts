import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** Calls a function and waits for its answer. @throws when it could not be called */
export type Invoke = (functionName: string, event: object) => Promise<Invoked>;

/** What came of a call: the function's answer, or the kind of error by which it broke off. */
export type Invoked = { readonly answer: unknown } | { readonly error: string };

/** By AWS Lambda. */
export function lambdaInvoke(lambda: LambdaClient): Invoke {
  return async (FunctionName, event) => {
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'RequestResponse', Payload: JSON.stringify(event) }));
    const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError === undefined) return { answer };
    // Its message may hold what the event carries.
    const type = (answer as { errorType?: unknown } | null)?.errorType;
    return { error: typeof type === 'string' ? type : FunctionError };
  };
}
