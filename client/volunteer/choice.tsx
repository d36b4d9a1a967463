import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface ChoiceProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly checked: boolean;
  onChange(checked: boolean): void;
  /** What it opens while it is on. */
  readonly children?: ComponentChildren;
}

/** A rule that is on or off. */
export function Choice({ label, hint, checked, onChange, children }: ChoiceProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div class="rule">
      <div class="choice">
        <input
          id={id}
          type="checkbox"
          checked={checked}
          aria-describedby={hint === undefined ? undefined : hintId}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <div>
          <label for={id}>{label}</label>
          {hint !== undefined && (
            <p class="hint" id={hintId}>
              {hint}
            </p>
          )}
        </div>
      </div>
      {checked && children}
    </div>
  );
}
