import type { RoundView } from "../../../shared/kinds/inference/job-view.ts";
import { Scroll } from "../../ui/scroll.tsx";
import { TableHead } from "../../ui/table-head.tsx";
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
      <h4>{texts.title}</h4>
      {shown.length === 0 ? (
        <p class="hint">{texts.none}</p>
      ) : (
        <Scroll label={texts.title}>
          <table>
            <caption>{texts.caption(shown.length, rounds.length)}</caption>
            <TableHead
              columns={[
                { numbers: columns.round },
                columns.phase,
                { numbers: columns.first },
                { numbers: columns.exact },
                { numbers: columns.estimated },
                { numbers: columns.again },
              ]}
            />
            <tbody>
              {shown.map((round) => (
                <tr key={round.roundIndex}>
                  <td class="number">{count(round.roundIndex + 1)}</td>
                  <td>{round.phase}</td>
                  <td class="number">{time(round.firstMs)}</td>
                  <td class="number">{time(round.exactMs)}</td>
                  <td class="number">{count(round.estimatedAtFirst)}</td>
                  <td class="number">{count(round.redispatched)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
