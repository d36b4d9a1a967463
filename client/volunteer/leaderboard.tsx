import { useEffect, useState } from "preact/hooks";
import type { LeaderboardRow, LeaderboardView } from "../../shared/protocol/volunteer-api.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { pollWhileVisible } from "../ui/poll.ts";
import { volunteer } from "../ui/texts.ts";
import { count, inWords } from "../ui/units.ts";

const texts = volunteer.leaderboard;
const ROWS_SHOWN = 10;
const POLL_MS = 5_000;

/** By verified work alone. One's own row is there even where it is not among the first. */
export function Leaderboard({ volunteerId }: { volunteerId: string | null }) {
  const [board, setBoard] = useState<LeaderboardView | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const query = new URLSearchParams({ limit: String(ROWS_SHOWN), ...(volunteerId === null ? {} : { volunteerId }) });
    const ask = async () => {
      try {
        setBoard(await askJson<LeaderboardView>({ baseUrl: location.origin, fetch }, `/api/leaderboard?${query}`, {}));
        setFailed(false);
      } catch {
        setFailed(true);
      }
    };
    const poll = pollWhileVisible(ask, POLL_MS);
    return () => poll.stop();
  }, [volunteerId]);

  const { columns } = texts;
  const rows = board === null ? [] : withOwn(board);
  return (
    <section class="panel leaderboard" aria-labelledby="leaderboard-title">
      <h2 id="leaderboard-title">{texts.title}</h2>
      <p class="hint">{failed ? texts.failed : board !== null && rows.length === 0 ? texts.none : texts.note}</p>
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                {columns.rank}
              </th>
              <th scope="col">{columns.name}</th>
              <th scope="col" class="number">
                {columns.macs}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.volunteerId} class={row.volunteerId === volunteerId ? "own" : ""}>
                <td class="number">{count(row.rank)}</td>
                <td title={row.volunteerId}>
                  <span class="who">
                    {row.nickname}
                    {row.volunteerId === volunteerId && <span class="tag">{texts.you}</span>}
                  </span>
                </td>
                <td class="number">{inWords(row.creditMacs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function withOwn({ rows, own }: LeaderboardView): readonly LeaderboardRow[] {
  return own === null || rows.some(({ volunteerId }) => volunteerId === own.volunteerId) ? rows : [...rows, own];
}
