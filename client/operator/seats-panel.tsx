/** Classes that a teacher vouches for: their seats, who came, and their end. */
import { useState } from "preact/hooks";
import { classPath, printPath } from "../../shared/protocol/class-address.ts";
import { SEAT_DAYS_MAX, SEATS_PER_SHEET_MAX } from "../../shared/protocol/limits.ts";
import type { SeatSheetRequest, SeatSheetView, SeatView } from "../../shared/protocol/seats-api.ts";
import { AskedButton } from "../ui/asked-button.tsx";
import { useAction } from "../ui/jobs/use-action.ts";
import { useNow } from "../ui/now.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { Problem } from "../ui/problem.tsx";
import { DataTable } from "../ui/table.tsx";
import { ago, count } from "../ui/units.ts";
import { seatTally } from "./seat-tally.ts";
import { SeatsForm } from "./seats-form.tsx";

const texts = operatorTexts.seats;

interface SeatsPanelProps {
  readonly sheets: readonly SeatSheetView[];
  onMake(request: SeatSheetRequest): Promise<void>;
  onEnd(sheetId: string): Promise<void>;
  onRevoke(sheetId: string, number: number): Promise<void>;
}

export function SeatsPanel({ sheets, onMake, onEnd, onRevoke }: SeatsPanelProps) {
  return (
    <section class="panel seats" aria-labelledby="seats-title">
      <h2 id="seats-title">{texts.title}</h2>
      <p class="hint">{texts.note}</p>
      {sheets.length === 0 && <p>{texts.none}</p>}
      {sheets.map((sheet) => (
        <Sheet key={sheet.sheetId} sheet={sheet} onEnd={onEnd} onRevoke={onRevoke} />
      ))}
      <SeatsForm seatsMax={SEATS_PER_SHEET_MAX} daysMax={SEAT_DAYS_MAX} onMake={onMake} />
    </section>
  );
}

type SheetProps = Pick<SeatsPanelProps, "onEnd" | "onRevoke"> & { readonly sheet: SeatSheetView };

function Sheet({ sheet, onEnd, onRevoke }: SheetProps) {
  const { sheetId, name, believed, came, seats, untilMs, prefix, watchKey } = sheet;
  const { busy, problem, act } = useAction();
  const [isOpen, setIsOpen] = useState(false);
  const areTooMany = came > seats.length;
  return (
    <article class="seat-sheet" aria-label={name}>
      <h3>
        {name} <span class="tag">{believed ? texts.believed : texts.notBelieved}</span>
      </h3>
      <p class={areTooMany ? "came too-many" : "came"} data-testid="came">
        <strong>{texts.came(came, seats.length)}</strong>
        {areTooMany && <span class="block">{texts.tooMany}</span>}
      </p>
      <ul class="seat-states" aria-label={texts.statesOf(name)}>
        {seatTally(seats).map(([state, number]) => (
          <li key={state} class={`tag seat-${state}`}>
            {count(number)} {texts.states[state]}
          </li>
        ))}
      </ul>
      <p class="hint">{texts.holds(untilMs, prefix)}</p>
      <div class="buttons">
        <a class="button small" href={printPath(sheetId)} aria-label={texts.printOf(name)}>
          {texts.print}
        </a>
        <a
          class="button small"
          href={classPath(watchKey)}
          target="_blank"
          aria-label={texts.classPageOf(name)}
          rel="noopener"
        >
          {texts.classPage}
        </a>
        <AskedButton
          text={texts.end}
          label={texts.endOf(name)}
          question={texts.endAsked(seats.length)}
          keep={texts.keep}
          disabled={busy}
          onSure={() => act(() => onEnd(sheetId))}
        />
      </div>
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>{texts.seats}</summary>
        {/* Two hundred rows that nobody looks at would be drawn anew all the time. */}
        {isOpen && <SeatsTable sheet={sheet} busy={busy} onRevoke={(number) => act(() => onRevoke(sheetId, number))} />}
      </details>
      <Problem message={problem} say={texts.refused} />
    </article>
  );
}

interface SeatsTableProps {
  readonly sheet: SeatSheetView;
  readonly busy: boolean;
  onRevoke(number: number): void;
}

function SeatsTable({ sheet, busy, onRevoke }: SeatsTableProps) {
  const nowMs = useNow(5_000);
  const { columns } = texts;
  return (
    <DataTable
      label={`${texts.seats}: ${sheet.name}`}
      rows={sheet.seats}
      keyOf={({ number }) => number}
      columns={(of) => [
        of.head(columns.number, ({ number }: SeatView) => number),
        of.text(columns.state, ({ state }) => <span class={`tag seat-${state}`}>{texts.states[state]}</span>),
        of.text(columns.who, whoSits),
        of.number(columns.rows, ({ rows }) => count(rows)),
        of.text(columns.taken, ({ takenMs }) => (takenMs === null ? "" : ago(takenMs, nowMs))),
        of.text(columns.code, ({ code, number, state }) => (
          <>
            <code class="block">{code}</code>
            {state !== "revoked" && (
              <AskedButton
                text={texts.revoke}
                label={texts.revokeOf(number, sheet.name)}
                question={texts.revokeAsked(number)}
                keep={texts.keep}
                disabled={busy}
                onSure={() => onRevoke(number)}
              />
            )}
          </>
        )),
      ]}
    />
  );
}

function whoSits({ volunteerId, nickname }: SeatView) {
  if (volunteerId === null) return texts.nobody;
  return (
    <>
      {nickname} <code title={volunteerId}>{volunteerId.slice(0, 12)}</code>
    </>
  );
}
