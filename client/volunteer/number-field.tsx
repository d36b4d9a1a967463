import { useState } from "preact/hooks";
import { Field } from "../ui/field.tsx";

interface NumberFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number | "any";
  /** A number within the limits; half-typed ones are not told. */
  onChange(value: number): void;
}

export function NumberField({ label, hint, value, min, max, step, onChange }: NumberFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          inputMode="decimal"
          min={min}
          max={max}
          step={step}
          value={typed ?? String(value)}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            if (currentTarget.validity.valid && currentTarget.value !== "") onChange(currentTarget.valueAsNumber);
          }}
          onBlur={() => setTyped(null)}
        />
      )}
    </Field>
  );
}
