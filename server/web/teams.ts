/** Teams: a name that volunteers have in common. Its total is what its members have had verified, the most first. */
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { TeamRow, TeamsView } from "../../shared/protocol/volunteer-api.ts";
import { ranksOf } from "./ranks.ts";

interface Team {
  readonly key: string;
  /** As its member with the most credit writes it. */
  name: string;
  mostMacs: number;
  members: number;
  creditMacs: number;
}

/** Who writes Team Süd, team süd or TEAM SÜD is in the same team. */
function teamKey(name: string): string {
  return name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}

/**
 * @param limit rows that are listed
 * @param name of the team whose own row is wanted beside them; null: of none
 */
export function teams(volunteers: readonly VolunteerView[], limit: number, name: string | null): TeamsView {
  const byKey = new Map<string, Team>();
  for (const { team, creditMacs, quarantine } of volunteers) {
    const key = teamKey(team);
    if (key === "" || creditMacs <= 0 || quarantine !== null) continue;
    const found = byKey.get(key) ?? { key, name: team, mostMacs: 0, members: 0, creditMacs: 0 };
    byKey.set(key, found);
    found.members++;
    found.creditMacs += creditMacs;
    if (creditMacs <= found.mostMacs) continue;
    found.mostMacs = creditMacs;
    found.name = team;
  }
  // The key decides between equals, so that two calls list them alike.
  const ranked = [...byKey.values()].sort((a, b) => b.creditMacs - a.creditMacs || (a.key < b.key ? -1 : 1));
  const ranks = ranksOf(ranked.map(({ creditMacs }) => creditMacs));
  const rows = ranked.map(({ name, members, creditMacs }, i): TeamRow => {
    return { rank: ranks[i]!, name, members, creditMacs };
  });
  const own = name === null ? -1 : ranked.findIndex(({ key }) => key === teamKey(name));
  return { teams: rows.length, rows: rows.slice(0, limit), own: rows[own] ?? null };
}
