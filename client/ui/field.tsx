import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** What is wrong with what it holds. */
  readonly problem?: string | undefined;
  /** Draws the control with the id and description that tie it to its label, hint and problem. */
  children(ids: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean | undefined;
  }): ComponentChildren;
}

export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const [hintId, problemId] = [`${id}-hint`, `${id}-problem`];
  const described = [...(hint === undefined ? [] : [hintId]), ...(problem === undefined ? [] : [problemId])].join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        "aria-describedby": described === "" ? undefined : described,
        "aria-invalid": problem === undefined ? undefined : true,
      })}
      {problem !== undefined && (
        <p class="field-problem" id={problemId}>
          {problem}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly problem?: string | undefined;
  readonly value: string;
  readonly inputMode?: "numeric" | "decimal" | "text";
  readonly maxLength?: number;
  readonly placeholder?: string;
  onInput(value: string): void;
}

export function TextField({ label, hint, problem, onInput, ...input }: TextFieldProps) {
  return (
    <Field label={label} problem={problem} {...(hint === undefined ? {} : { hint })}>
      {(ids) => (
        <input
          {...ids}
          {...input}
          type="text"
          autocomplete="off"
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
