import type { RoundView } from "../../../shared/kinds/inference/job-view.ts";
import { DataTable } from "../../ui/table.tsx";
import { count, duration } from "../../ui/units.ts";
import { inferenceTexts } from "./inference-texts.ts";

const texts = inferenceTexts.detail.rounds;
const SHOWN_MAX = 8;
const NOTHING = "–";

/** The latest rounds: when they had answers, and when all of these were verified. */
export function RoundsTable({ rounds }: { rounds: readonly RoundView[] }) {
  const shown = rounds.toSorted((a, b) => b.roundIndex - a.roundIndex).slice(0, SHOWN_MAX);
  const { columns } = texts;
  const time = (ms: number | null) => (ms === null ? NOTHING : duration(ms));
  return (
    <section aria-label={texts.title}>
      <h2>{texts.title}</h2>
      {shown.length === 0 ? (
        <p class="hint">{texts.none}</p>
      ) : (
        <DataTable
          label={texts.title}
          caption={texts.caption(shown.length, rounds.length)}
          rows={shown}
          keyOf={({ roundIndex }) => roundIndex}
          columns={(of) => [
            of.number(columns.round, ({ roundIndex }) => count(roundIndex + 1)),
            of.text(columns.phase, ({ phase }) => phase),
            of.number(columns.first, ({ firstMs }) => time(firstMs)),
            of.number(columns.exact, ({ exactMs }) => time(exactMs)),
            of.number(columns.estimated, ({ estimatedAtFirst }) => count(estimatedAtFirst)),
            of.number(columns.again, ({ redispatched }) => count(redispatched)),
          ]}
        />
      )}
    </section>
  );
}
