import { useState } from "preact/hooks";
import { TextField } from "../ui/field.tsx";
import { useAction } from "../ui/jobs/use-action.ts";
import { Problem } from "../ui/problem.tsx";

interface ReasonFormProps {
  readonly label: string;
  readonly hint: string;
  readonly button: string;
  readonly lengthMax: number;
  /** How a refusal reads. */
  say(message: string): string;
  /** @param reason not empty */
  onReason(reason: string): Promise<void>;
}

/** Something that an operator does and says why. */
export function ReasonForm({ label, hint, button, lengthMax, say, onReason }: ReasonFormProps) {
  const [reason, setReason] = useState("");
  const { busy, problem, act } = useAction();
  return (
    <form
      class="reason-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act(() => onReason(reason.trim()));
      }}
    >
      <TextField label={label} hint={hint} value={reason} maxLength={lengthMax} onInput={setReason} />
      <button type="submit" disabled={busy || reason.trim() === ""}>
        {button}
      </button>
      <Problem message={problem} say={say} />
    </form>
  );
}
