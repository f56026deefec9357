import { useId, useState } from 'preact/hooks';
import type { ChannelName } from '../../lambdas/contracts/primitives.ts';
import { usePage } from './page.ts';
import { TroubleNotice } from './trouble.tsx';
import { useWork } from './work.ts';

const channels: readonly ChannelName[] = ['email', 'sms'];

/** Sends a one-time code, and takes it. @param onRight called once it was right */
export function CodeForm({ onRight }: { onRight: () => void }) {
  const { api, words, announce } = usePage();
  const [channel, setChannel] = useState<ChannelName>('email');
  const [asked, setAsked] = useState<{ challengeId: string; channel: ChannelName }>();
  const work = useWork();
  const ask = () =>
    work.run(async () => {
      const { challengeId } = await api.askCode(channel);
      setAsked({ challengeId, channel });
      announce(words.code.sent[channel]);
    });
  return (
    <div class="code-form">
      <TroubleNotice error={work.error} />
      {asked ? (
        <AnswerCode
          sent={words.code.sent[asked.channel]}
          isBusy={work.isBusy}
          answer={(code) =>
            work.run(async () => {
              await api.answerCode(asked.challengeId, code);
              onRight();
            })
          }
          another={() => {
            work.clear();
            setAsked(undefined);
          }}
        />
      ) : (
        <form
          class="ask-code"
          onSubmit={(event) => {
            event.preventDefault();
            void ask();
          }}
        >
          <fieldset class="channels">
            <legend>{words.code.channel}</legend>
            {channels.map((each) => (
              <label key={each}>
                <input type="radio" name="channel" value={each} checked={each === channel} onChange={() => setChannel(each)} />
                {words.code.channels[each]}
              </label>
            ))}
          </fieldset>
          <button type="submit" class="primary" aria-disabled={work.isBusy}>
            {words.code.send}
          </button>
          <p class="small">{words.code.limits}</p>
        </form>
      )}
    </div>
  );
}

interface AnswerProps {
  readonly sent: string;
  readonly isBusy: boolean;
  readonly answer: (code: string) => Promise<void>;
  readonly another: () => void;
}

function AnswerCode({ sent, isBusy, answer, another }: AnswerProps) {
  const { words } = usePage();
  const [code, setCode] = useState('');
  const id = useId();
  return (
    <form
      class="answer-code"
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim() !== '') void answer(code.trim());
      }}
    >
      <p>{sent}</p>
      <label for={id}>{words.code.label}</label>
      <input
        id={id}
        class="code"
        ref={(input) => {
          if (input && !input.value) input.focus();
        }}
        value={code}
        onInput={({ currentTarget }) => setCode(currentTarget.value)}
        inputMode="text"
        autocapitalize="characters"
        autocomplete="one-time-code"
        maxLength={64}
        spellcheck={false}
        required
      />
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={isBusy}>
          {words.code.verify}
        </button>
        <button type="button" class="quiet" onClick={another}>
          {words.code.another}
        </button>
      </div>
    </form>
  );
}
