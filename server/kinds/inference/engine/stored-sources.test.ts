import { expect, test } from "vitest";
import { emptyTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { StoredPlan } from "./stored-plan.ts";
import { sourcesIn } from "./stored-sources.ts";

type Source = NonNullable<StoredPlan["sources"][number]>;

const source = (volunteerId: string, auditedRows: number, opinionBy: string | null = null): Source => ({
  volunteerId,
  precision: "float32",
  auditedRows,
  opinionBy,
});
/** Two rows a group; one volunteer has the batches of both, and somebody else agrees with the first. */
const plan: StoredPlan = {
  placements: null,
  sources: [source("a", 2, "b"), source("a", 1), source("b", 3)],
  batchRows: 8,
  rowsPerGroup: 2,
  estimates: [],
  heldOut: emptyTally(),
};

test("each row of a volunteer with two batches of one round has the checks of its own batch, as before it was stored", () => {
  const sourceOf = sourcesIn(plan);
  for (const row of [0, 2, 14]) expect(sourceOf(row, "a")).toEqual({ ...source("a", 2, "b"), batchRows: 8 });
  for (const row of [1, 3, 15]) expect(sourceOf(row, "a")).toEqual({ ...source("a", 1), batchRows: 8 });
});

test("where groups were dealt to worker indices the batch of a row follows from its place", () => {
  const sourceOf = sourcesIn({ ...plan, placements: [1, 0, 0, 1] });
  expect([0, 1, 2, 3].map((row) => sourceOf(row, "a")!.auditedRows)).toEqual([1, 2, 2, 1]);
});

test("a row of a volunteer that has no batch with it counts as the least checked of that one's batches", () => {
  expect(sourcesIn(plan)(0, "b")).toEqual({ ...source("b", 3), batchRows: 8 });
});

test("a round that was stored before K was kept says the least of each of its volunteers", () => {
  const { rowsPerGroup: _unknown, ...earlier } = plan;
  expect(sourcesIn(earlier)(0, "a")).toEqual({ ...source("a", 1), batchRows: 8 });
});
