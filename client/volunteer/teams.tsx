import type { TeamRow } from "../../shared/protocol/volunteer-api.ts";
import { Ranking } from "./ranking.tsx";
import { volunteerTexts } from "./texts/texts.ts";

const ROWS_SHOWN = 5;

/** By the verified work of their members. One's own is there even where it is not among the first. @param team empty: none */
export function Teams({ team }: { team: string }) {
  const texts = volunteerTexts().teams;
  const query = new URLSearchParams({ limit: String(ROWS_SHOWN), ...(team === "" ? {} : { team }) });
  return (
    <Ranking<TeamRow>
      id="teams"
      path={`/api/teams?${query}`}
      texts={texts}
      ownText={texts.yours}
      keyOf={(row) => row.name}
      nameOf={(row) => row.name}
      membersOf={(row) => row.members}
    />
  );
}
