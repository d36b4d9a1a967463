import { useEffect, useState } from "preact/hooks";
import type { TeamRow, TeamsView } from "../../shared/protocol/volunteer-api.ts";
import { askJson } from "../../shared/sdk/requests.ts";
import { pollWhileVisible } from "../ui/poll.ts";
import { volunteer } from "../ui/texts.ts";
import { count, inWords } from "../ui/units.ts";

const texts = volunteer.teams;
const ROWS_SHOWN = 5;
const POLL_MS = 5_000;

/** By the verified work of their members. One's own is there even where it is not among the first. @param team empty: none */
export function Teams({ team }: { team: string }) {
  const [view, setView] = useState<TeamsView | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const query = new URLSearchParams({ limit: String(ROWS_SHOWN), ...(team === "" ? {} : { team }) });
    const ask = async () => {
      try {
        setView(await askJson<TeamsView>({ baseUrl: location.origin, fetch }, `/api/teams?${query}`, {}));
        setFailed(false);
      } catch {
        setFailed(true);
      }
    };
    const poll = pollWhileVisible(ask, POLL_MS);
    return () => poll.stop();
  }, [team]);

  const { columns } = texts;
  const rows = view === null ? [] : withOwn(view);
  return (
    <section class="panel leaderboard" aria-labelledby="teams-title">
      <h2 id="teams-title">{texts.title}</h2>
      <p class="hint">{failed ? texts.failed : view !== null && rows.length === 0 ? texts.none : texts.note}</p>
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                {columns.rank}
              </th>
              <th scope="col">{columns.name}</th>
              <th scope="col" class="number">
                {columns.members}
              </th>
              <th scope="col" class="number">
                {columns.macs}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const isOwn = row.name === view?.own?.name;
              return (
                <tr key={row.name} class={isOwn ? "own" : ""}>
                  <td class="number">{count(row.rank)}</td>
                  <td>
                    <span class="who">
                      {row.name}
                      {isOwn && <span class="tag">{texts.yours}</span>}
                    </span>
                  </td>
                  <td class="number">{count(row.members)}</td>
                  <td class="number">{inWords(row.creditMacs)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

function withOwn({ rows, own }: TeamsView): readonly TeamRow[] {
  return own === null || rows.some(({ name }) => name === own.name) ? rows : [...rows, own];
}
