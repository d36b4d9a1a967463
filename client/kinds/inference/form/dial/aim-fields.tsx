import { TextField } from "../../../../ui/field.tsx";
import type { FieldsProps } from "../submit-form.tsx";
import { dial as texts } from "../submit-texts.ts";

/** By hand, or by a time: who says when it must be done need not know codes. */
export function ModeChoice({ fields, change }: FieldsProps) {
  return (
    <div role="radiogroup" aria-label={texts.mode}>
      {(["code", "aim"] as const).map((mode) => (
        <label key={mode} class="choice">
          <input type="radio" name="mode" checked={fields.mode === mode} onChange={() => change({ mode })} />
          {texts.modes[mode]}
        </label>
      ))}
    </div>
  );
}

export function AimFields({ fields, change }: FieldsProps) {
  return (
    <>
      <div class="fields row">
        <TextField
          label={texts.finishWithin}
          hint={texts.finishWithinHint}
          inputMode="decimal"
          value={fields.finishMinutes}
          onInput={(finishMinutes) => change({ finishMinutes })}
        />
        <TextField
          label={texts.confidence}
          hint={texts.confidenceHint}
          inputMode="numeric"
          value={fields.confidence}
          onInput={(confidence) => change({ confidence })}
        />
      </div>
      <p class="hint">{texts.aimHint}</p>
    </>
  );
}
