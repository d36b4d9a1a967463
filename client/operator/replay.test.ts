import { expect, test } from "vitest";
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";
import { backendRows } from "./figures.ts";
import { filtered, NO_FILTER, standingAfter, valuesOf } from "./replay.ts";

const entry = (what: string, fields: Partial<JobLogEntry> = {}): JobLogEntry => ({ atMs: 0, what, ...fields });
const log = [
  entry("submitted"),
  entry("sent", { assignmentId: 1, volunteerId: "a", roundIndex: 0 }),
  entry("sent", { assignmentId: 2, volunteerId: "b", roundIndex: 0 }),
  entry("answered", { assignmentId: 1, volunteerId: "a", roundIndex: 0 }),
  entry("audit failed", { assignmentId: 1, volunteerId: "a", roundIndex: 0 }),
  entry("no longer wanted", { assignmentId: 1, volunteerId: "a", roundIndex: 0 }),
  entry("sent", { assignmentId: 3, volunteerId: "c", roundIndex: 1 }),
  entry("restored"),
  entry("published", { roundIndex: 0 }),
  entry("published", { roundIndex: 0, generation: 1 }),
];

test("what is out at a moment is what was sent and has not come back; a restart leaves nothing out", () => {
  expect([1, 3, 4, 7, 8].map((count) => standingAfter(log, count).out)).toEqual([0, 2, 1, 2, 0]);
  expect(standingAfter(log, log.length)).toEqual({
    out: 0,
    answered: 1,
    checksPassed: 0,
    checksFailed: 1,
    roundsPublished: 1,
    withdrawn: 0,
  });
});

test("entries are chosen by what, whose and which round, all of them together", () => {
  expect(filtered(log, NO_FILTER)).toEqual(log);
  expect(filtered(log, { ...NO_FILTER, what: "sent" })).toHaveLength(3);
  expect(filtered(log, { what: "sent", volunteerId: "a", roundIndex: 0 })).toEqual([log[1]]);
  expect(filtered(log, { ...NO_FILTER, roundIndex: 1 })).toEqual([log[6]]);
  expect(valuesOf(log, "volunteerId")).toEqual(["a", "b", "c"]);
});

test("tabs of one back-end and precision are one row, its median over those that have answered", () => {
  const tab = { sessionId: "", volunteerId: "", nickname: "", state: "idle", presence: "here" as const, recent: [] };
  const of = (backend: string, responseMsMedian: number | null) =>
    ({ ...tab, backend, precision: "float32", responseMsMedian, verifiedAssignments: 2, lateAssignments: 1 }) as const;
  expect(backendRows([of("webgl", 9), of("wasm", 5), of("wasm", null), of("wasm", 7)])).toEqual([
    { backend: "wasm", precision: "float32", tabs: 3, responseMsMedian: 5, verified: 6, late: 3 },
    { backend: "webgl", precision: "float32", tabs: 1, responseMsMedian: 9, verified: 2, late: 1 },
  ]);
});
