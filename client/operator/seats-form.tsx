/** New seats for a class, and whether whoever runs the coordinator believes that they are different people. */
import { useId, useState } from "preact/hooks";
import { NAME_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import type { SeatSheetRequest } from "../../shared/protocol/seats-api.ts";
import { TextField } from "../ui/field.tsx";
import { useAction } from "../ui/jobs/use-action.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";

const texts = operatorTexts.seats;
const PREFIX_LENGTH_MAX = 64;

interface SeatsFormProps {
  readonly seatsMax: number;
  readonly daysMax: number;
  onMake(request: SeatSheetRequest): Promise<void>;
}

export function SeatsForm({ seatsMax, daysMax, onMake }: SeatsFormProps) {
  const [name, setName] = useState("");
  const [seats, setSeats] = useState("");
  const [days, setDays] = useState("7");
  const [prefix, setPrefix] = useState("");
  const [believed, setBelieved] = useState(false);
  const { busy, problem, act } = useAction();
  const [seatCount, dayCount] = [Number(seats), Number(days)];
  const areSeatsRight = Number.isInteger(seatCount) && seatCount >= 1 && seatCount <= seatsMax;
  const areDaysRight = dayCount > 0 && dayCount <= daysMax;
  return (
    <form
      class="reason-form seats-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act(async () => {
          const network = prefix.trim() === "" ? null : prefix.trim();
          await onMake({ name: name.trim(), seats: seatCount, days: dayCount, prefix: network, believed });
          setName("");
          setSeats("");
        });
      }}
    >
      <TextField label={texts.name} hint={texts.nameHint} value={name} maxLength={NAME_LENGTH_MAX} onInput={setName} />
      <div class="fields row">
        <TextField
          label={texts.count}
          problem={seats === "" || areSeatsRight ? undefined : texts.countWrong(seatsMax)}
          inputMode="numeric"
          value={seats}
          onInput={setSeats}
        />
        <TextField
          label={texts.days}
          problem={areDaysRight ? undefined : texts.daysWrong(daysMax)}
          inputMode="decimal"
          value={days}
          onInput={setDays}
        />
      </div>
      <TextField
        label={texts.network}
        hint={texts.networkHint}
        value={prefix}
        maxLength={PREFIX_LENGTH_MAX}
        onInput={setPrefix}
      />
      <fieldset>
        <legend>{texts.belief}</legend>
        <Belief words={texts.beliefs.no} checked={!believed} onChoose={() => setBelieved(false)} />
        <Belief words={texts.beliefs.yes} checked={believed} onChoose={() => setBelieved(true)} />
      </fieldset>
      <button type="submit" disabled={busy || name.trim() === "" || !areSeatsRight || !areDaysRight}>
        {texts.make}
      </button>
      <Problem message={problem} say={texts.refused} />
    </form>
  );
}

interface BeliefProps {
  readonly words: { readonly label: string; readonly hint: string };
  readonly checked: boolean;
  onChoose(): void;
}

function Belief({ words: { label, hint }, checked, onChoose }: BeliefProps) {
  const id = useId();
  return (
    <div class="choice">
      <input
        id={id}
        type="radio"
        name="believed"
        checked={checked}
        aria-describedby={`${id}-hint`}
        onChange={onChoose}
      />
      <div>
        <label for={id}>{label}</label>
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      </div>
    </div>
  );
}
