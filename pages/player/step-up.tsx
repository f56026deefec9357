import { CodeForm } from './code-form.tsx';
import { Dialog } from './dialog.tsx';
import { usePage } from './page.ts';

/** Asks for proof beyond the password. @param onEnd whether it was given */
export function StepUp({ onEnd }: { onEnd: (isProven: boolean) => void }) {
  const { words, announce } = usePage();
  return (
    <Dialog title={words.stepUp.title} onClose={() => onEnd(false)}>
      <p>{words.stepUp.text}</p>
      <CodeForm
        onRight={() => {
          announce(words.stepUp.done);
          onEnd(true);
        }}
      />
      <div class="actions end">
        <button type="button" onClick={() => onEnd(false)}>
          {words.cancel}
        </button>
      </div>
    </Dialog>
  );
}
