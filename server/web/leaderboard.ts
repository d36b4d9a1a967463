/** The leaderboard: verified work alone, the most first. */
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { LeaderboardRow, LeaderboardView } from "../../shared/protocol/volunteer-api.ts";
import { personOf } from "../coordinator/persons.ts";
import { ranksOf } from "./ranks.ts";

/** @param limit rows that are listed @param volunteerId whose own row is wanted beside them; null: nobody's */
export function leaderboard(
  volunteers: readonly VolunteerView[],
  limit: number,
  volunteerId: string | null,
): LeaderboardView {
  const known = new Map(volunteers.map((volunteer) => [volunteer.volunteerId, volunteer]));
  const person = volunteerId === null ? null : personOf({ volunteers: known }, volunteerId);
  const ranked = byPerson(known)
    // The id decides between equals, so that two calls list them alike.
    .sort((a, b) => b.creditMacs - a.creditMacs || (a.volunteerId < b.volunteerId ? -1 : 1));
  const ranks = ranksOf(ranked.map(({ creditMacs }) => creditMacs));
  const rows = ranked.map(({ volunteerId: id, nickname, creditMacs }, i): LeaderboardRow => {
    return { rank: ranks[i]!, volunteerId: id, nickname, creditMacs };
  });
  return {
    volunteers: rows.length,
    rows: rows.slice(0, limit),
    own: rows.find((row) => row.volunteerId === person) ?? null,
  };
}

type Person = Pick<VolunteerView, "volunteerId" | "nickname"> & { creditMacs: number };

/** [DV1] Devices under one name are one row: their verified work together, without that of those that are quarantined. */
function byPerson(known: ReadonlyMap<string, VolunteerView>): Person[] {
  const persons = new Map<string, Person>();
  for (const { volunteerId, nickname, creditMacs, quarantine } of known.values()) {
    if (creditMacs <= 0 || quarantine !== null) continue;
    const id = personOf({ volunteers: known }, volunteerId);
    const person = persons.get(id) ?? { volunteerId: id, nickname: known.get(id)?.nickname || nickname, creditMacs: 0 };
    person.creditMacs += creditMacs;
    persons.set(id, person);
  }
  return [...persons.values()];
}
