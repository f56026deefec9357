import { SESv2Client, SESv2ServiceException, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { PublishCommand, SNSClient, SNSServiceException } from '@aws-sdk/client-sns';
import { clientDefaults } from './environment.ts';
import { type Channels, type Message, type MessageContext, RefusedError } from './channels.ts';

/**
 * One try only: the SDK cannot know whether a call that timed out has sent the message. For an SMS that is the end, so it is waited for longer than other
 * calls are, and still far less than the functions' time-out and the lease of a claim.
 */
const once = { ...clientDefaults, requestHandler: { ...clientDefaults.requestHandler, connectionTimeout: 3000, requestTimeout: 8000 }, maxAttempts: 1 };

/** E-mail by SES v2 and SMS by SNS. */
export function awsChannels(senderAddress: string): Channels {
  const ses = new SESv2Client(once);
  const sns = new SNSClient(once);
  return {
    email: {
      send: ({ to, subject, text, context }: Message) =>
        refusals(() =>
          ses.send(
            new SendEmailCommand({
              FromEmailAddress: senderAddress,
              Destination: { ToAddresses: [to] },
              Content: {
                Simple: {
                  Subject: { Data: subject, Charset: 'UTF-8' },
                  Body: { Text: { Data: text, Charset: 'UTF-8' } },
                  Headers: [{ Name: 'X-Loginward-Context', Value: encode(context) }],
                },
              },
            }),
          ),
        ),
    },
    sms: {
      send: ({ to, text, context }: Message) =>
        refusals(() =>
          sns.send(
            new PublishCommand({
              PhoneNumber: to,
              Message: text,
              MessageAttributes: {
                // The default, Promotional, may be dropped or delayed.
                'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' },
                'Loginward.Context': { DataType: 'String', StringValue: encode(context) },
              },
            }),
          ),
        ),
    },
  };
}

const encode = (context: MessageContext): string => Buffer.from(JSON.stringify(context)).toString('base64url');

/** What SES v2 and SNS call it when they take no more for now. */
const quotaErrors: ReadonlySet<string> = new Set([
  'TooManyRequestsException',
  'LimitExceededException',
  'SendingPausedException',
  'ThrottledException',
  'ThrottlingException',
  'Throttling',
]);

/**
 * An answer of 4xx says that the message was not taken; everything else says nothing. One that was refused because this machine's clock was
 * wrong is sent again at once: the SDK has set its clock by the answer.
 */
async function refusals(call: () => Promise<unknown>, mayRepeat = true): Promise<void> {
  try {
    await call();
  } catch (error) {
    const answered = error instanceof SESv2ServiceException || error instanceof SNSServiceException;
    const status = answered ? error.$metadata.httpStatusCode : undefined;
    if (!answered || status === undefined || status < 400 || status >= 500) throw error;
    if (mayRepeat && 'clockSkewCorrected' in error.$metadata) return refusals(call, false);
    throw new RefusedError(error.name, status === 429 || quotaErrors.has(error.name));
  }
}
