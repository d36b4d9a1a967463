import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { HoldReason } from "../session/may-work.ts";

/** Where the box of a rule is to be found. */
export const idOfRule = (rule: HoldReason["kind"]) => `rule-${rule}`;

interface ChoiceProps {
  readonly label: string;
  /** What it holds work back for: the sentence that says so leads here. */
  readonly rule?: HoldReason["kind"];
  readonly hint?: ComponentChildren;
  readonly checked: boolean;
  onChange(checked: boolean): void;
  /** What it opens while it is on. */
  readonly children?: ComponentChildren;
}

/** A rule that is on or off. */
export function ChoiceField({ label, rule, hint, checked, onChange, children }: ChoiceProps) {
  const ownId = useId();
  const id = rule === undefined ? ownId : idOfRule(rule);
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
