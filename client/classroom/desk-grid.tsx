/** A desk for each seat: its number, a word and a colour for what it does. */
import { type ClassView, SEAT_STATES } from "../../shared/protocol/seats-api.ts";
import { count } from "../ui/units.ts";
import { classTexts as texts } from "./class-texts.ts";
import { deskColumns } from "./desk-columns.ts";
import { hasCome } from "./share-words.ts";

type Seats = ClassView["seats"];

export function DeskGrid({ seats }: { seats: Seats }) {
  const came = seats.filter(({ state }) => hasCome(state)).length;
  return (
    <section class="desks-part" aria-labelledby="desks-title">
      <h2 id="desks-title">{texts.desks}</h2>
      <p class="desks-sum">{texts.here(came, seats.length, partsOf(seats))}</p>
      <ol class="desks" style={{ "--columns": deskColumns(seats.length) }}>
        {seats.map(({ number, state, rows }) => (
          <li key={number} class={`desk desk-${state}`} aria-label={texts.desk(number, texts.states[state], rows)}>
            <span class="desk-number">{count(number)}</span>
            <span class="desk-word">{texts.states[state]}</span>
            {rows > 0 && <span class="desk-rows">{count(rows)}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** "8 working, 1 late": of the desks that somebody has. */
function partsOf(seats: Seats): string[] {
  return SEAT_STATES.filter(hasCome).flatMap((state) => {
    const there = seats.filter((seat) => seat.state === state).length;
    return there === 0 ? [] : [texts.stateCount(there, texts.states[state])];
  });
}
