import { useEffect, useRef, useState } from "preact/hooks";

interface AskedButtonProps {
  readonly text: string;
  /** The action and its object, for somebody who does not see where the button stands. */
  readonly label: string;
  /** Asked before it is done. */
  readonly question: string;
  /** The way back. */
  readonly keep: string;
  readonly disabled: boolean;
  onSure(): void;
}

/** For what cannot be undone: it asks once. */
export function AskedButton({ text, label, question, keep, disabled, onSure }: AskedButtonProps) {
  const [isAsking, setIsAsking] = useState(false);
  const back = useRef<HTMLButtonElement>(null);
  // The button that was pressed is gone: a keyboard goes on at the harmless one.
  useEffect(() => {
    if (isAsking) back.current?.focus();
  }, [isAsking]);
  if (!isAsking)
    return (
      <button type="button" class="small" disabled={disabled} aria-label={label} onClick={() => setIsAsking(true)}>
        {text}
      </button>
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups what is entered, these are commands
    <div class="asked" role="group" aria-label={question}>
      <p>{question}</p>
      <div class="buttons">
        <button
          type="button"
          class="small"
          disabled={disabled}
          onClick={() => {
            setIsAsking(false);
            onSure();
          }}
        >
          {text}
        </button>
        <button type="button" class="small" ref={back} onClick={() => setIsAsking(false)}>
          {keep}
        </button>
      </div>
    </div>
  );
}
