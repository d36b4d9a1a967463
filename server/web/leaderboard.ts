/** The leaderboard: verified work alone, the most first. */
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { LeaderboardRow, LeaderboardView } from "../../shared/protocol/volunteer-api.ts";
import { ranksOf } from "./ranks.ts";

/** @param limit rows that are listed @param volunteerId whose own row is wanted beside them; null: nobody's */
export function leaderboard(
  volunteers: readonly VolunteerView[],
  limit: number,
  volunteerId: string | null,
): LeaderboardView {
  const ranked = volunteers
    .filter(({ creditMacs, quarantine }) => creditMacs > 0 && quarantine === null)
    // The id decides between equals, so that two calls list them alike.
    .sort((a, b) => b.creditMacs - a.creditMacs || (a.volunteerId < b.volunteerId ? -1 : 1));
  const ranks = ranksOf(ranked.map(({ creditMacs }) => creditMacs));
  const rows = ranked.map(({ volunteerId: id, nickname, creditMacs }, i): LeaderboardRow => {
    return { rank: ranks[i]!, volunteerId: id, nickname, creditMacs };
  });
  return {
    volunteers: rows.length,
    rows: rows.slice(0, limit),
    own: rows.find((row) => row.volunteerId === volunteerId) ?? null,
  };
}
