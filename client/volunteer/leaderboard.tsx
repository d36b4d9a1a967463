import type { LeaderboardRow } from "../../shared/protocol/volunteer-api.ts";
import { Ranking } from "./ranking.tsx";
import { volunteerTexts } from "./texts/texts.ts";

const ROWS_SHOWN = 10;

/** By verified work alone. One's own row is there even where it is not among the first. */
export function Leaderboard({ volunteerId }: { volunteerId: string | null }) {
  const texts = volunteerTexts().leaderboard;
  const query = new URLSearchParams({ limit: String(ROWS_SHOWN), ...(volunteerId === null ? {} : { volunteerId }) });
  return (
    <Ranking<LeaderboardRow>
      id="leaderboard"
      path={`/api/leaderboard?${query}`}
      texts={texts}
      ownText={texts.you}
      keyOf={(row) => row.volunteerId}
      nameOf={(row) => row.nickname}
      titleOf={(row) => row.volunteerId}
    />
  );
}
