import { expect, test } from "vitest";
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { leaderboard } from "./leaderboard.ts";

const volunteer = (volunteerId: string, creditMacs: number, changes: Partial<VolunteerView> = {}): VolunteerView => ({
  volunteerId,
  nickname: `nick ${volunteerId}`,
  creditMacs,
  auditsPassed: 0,
  auditsFailed: 0,
  quarantine: null,
  team: "",
  released: null,
  ...changes,
});
const quarantine = { atMs: 1, jobId: "j", roundIndex: 0, reason: "a different answer" };

test("most verified work first, equals share a place, who has none or is quarantined is not listed", () => {
  const crowd = [
    volunteer("d", 5),
    volunteer("b", 7),
    volunteer("a", 7),
    volunteer("c", 0),
    volunteer("e", 99, { quarantine }),
  ];
  const { volunteers, rows } = leaderboard(crowd, 10, null);
  expect(volunteers).toBe(3);
  expect(rows.map(({ rank, volunteerId }) => [rank, volunteerId])).toEqual([
    [1, "a"],
    [1, "b"],
    [3, "d"],
  ]);
});

test("a volunteer beyond the listed places is told its own", () => {
  const crowd = Array.from({ length: 30 }, (_, i) => volunteer(`v${i}`, 100 - i));
  const board = leaderboard(crowd, 3, "v20");
  expect(board.rows).toHaveLength(3);
  expect(board.own).toMatchObject({ rank: 21, volunteerId: "v20", creditMacs: 80 });
  expect(leaderboard(crowd, 3, "nobody").own).toBeNull();
});

test("[DV1] devices under one name are one row: their verified work together, less that of quarantined ones", () => {
  const device = (volunteerId: string, creditMacs: number, ownerId: string | null, quarantine: object | null = null) =>
    ({ volunteerId, nickname: `n-${volunteerId}`, creditMacs, ownerId, quarantine }) as never;
  const all = [
    device("a", 10, null),
    device("b", 5, "a"),
    device("c", 100, "b", {}),
    device("d", 12, null),
    device("e", 1, "gone"),
  ];
  const board = leaderboard(all, 10, "b");
  expect(board.rows.map(({ volunteerId, nickname, creditMacs }) => [volunteerId, nickname, creditMacs])).toEqual([
    ["a", "n-a", 15],
    ["d", "n-d", 12],
    ["gone", "n-e", 1],
  ]);
  expect(board.own).toMatchObject({ volunteerId: "a", rank: 1 });
});
