/** Where a code from a sheet of seats is typed by whoever could not scan it. Folded away, for most have none. */
import { useState } from "preact/hooks";
import { seatCodeOf } from "../../shared/protocol/seat-codes.ts";
import { TextField } from "../ui/field.tsx";
import { volunteerTexts } from "./texts/texts.ts";
import type { VolunteerTab } from "./volunteer-tab.ts";

/** With room for the blanks that people type. */
const TYPED_LENGTH_MAX = 20;

export function SeatCode({ tab }: { tab: VolunteerTab }) {
  const texts = volunteerTexts().seat;
  const [typed, setTyped] = useState("");
  const [isWrong, setIsWrong] = useState(false);

  function use(event: Event): void {
    event.preventDefault();
    const code = seatCodeOf(typed);
    setIsWrong(code === null);
    if (code === null) return;
    setTyped("");
    tab.sit(code);
  }

  return (
    <section class="panel seat-code" aria-labelledby="seat-code-title">
      <details>
        <summary>
          <h2 id="seat-code-title">{texts.title}</h2>
        </summary>
        <form class="fields" noValidate onSubmit={use}>
          <TextField
            label={texts.code}
            hint={texts.hint}
            problem={isWrong ? texts.isNone : undefined}
            placeholder="ABCD-2345"
            value={typed}
            maxLength={TYPED_LENGTH_MAX}
            onInput={setTyped}
          />
          <div class="buttons">
            <button type="submit" class="small" disabled={typed.trim() === ""}>
              {texts.use}
            </button>
          </div>
        </form>
      </details>
    </section>
  );
}
