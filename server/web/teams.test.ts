import { expect, test } from "vitest";
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { teams } from "./teams.ts";

const volunteer = (team: string, creditMacs: number, changes: Partial<VolunteerView> = {}): VolunteerView => ({
  volunteerId: `${team} ${creditMacs}`,
  nickname: "n",
  team,
  creditMacs,
  auditsPassed: 0,
  auditsFailed: 0,
  quarantine: null,
  released: null,
  ...changes,
});
const quarantine = { atMs: 1, jobId: "j", roundIndex: 0, reason: "a different answer" };

test("a team's total is the verified work of its members; who is in none or quarantined counts for none", () => {
  const crowd = [
    volunteer("Süd", 5),
    volunteer("Nord", 4),
    volunteer("Süd", 3),
    volunteer("", 100),
    volunteer("Nord", 90, { quarantine }),
    volunteer("Newcomers", 0),
  ];
  expect(teams(crowd, 10, null)).toEqual({
    teams: 2,
    rows: [
      { rank: 1, name: "Süd", members: 2, creditMacs: 8 },
      { rank: 2, name: "Nord", members: 1, creditMacs: 4 },
    ],
    own: null,
  });
});

test("a name is one team however it is spaced and capitalised, called as its foremost member writes it", () => {
  const crowd = [volunteer("team  süd", 1), volunteer(" Team Süd ", 9), volunteer("TEAM SÜD", 2)];
  const { rows } = teams(crowd, 10, null);
  expect(rows).toEqual([{ rank: 1, name: " Team Süd ", members: 3, creditMacs: 12 }]);
});

test("equal teams share a place, and one's own is told beyond the rows that were asked for", () => {
  const crowd = [volunteer("a", 7), volunteer("b", 7), volunteer("c", 2)];
  const { teams: count, rows, own } = teams(crowd, 1, "C");
  expect([count, rows.length]).toEqual([3, 1]);
  expect(own).toEqual({ rank: 3, name: "c", members: 1, creditMacs: 2 });
  expect(teams(crowd, 9, "nobody's").own).toBeNull();
  expect(teams(crowd, 9, null).rows.map(({ rank }) => rank)).toEqual([1, 1, 3]);
});
