import { expect, test } from "vitest";
import type { RowsView } from "../../../../shared/kinds/inference/rows-view.ts";
import { inferenceViewOf } from "../../../../shared/kinds/inference/testing/inference-view.ts";
import { inferenceWords } from "./inference-words.ts";

const ROWS: RowsView = {
  waiting: { fresh: 300, again: 2, checks: 1, coordinator: 4, claims: 3 },
  ...{ notFinalForMs: 2_000, coordinatorRows: 50, rowsThatSuffice: null, isStrict: false },
  price: { toldRows: 120, rows: 120, duplicateRows: 0 },
  blocks: { opened: 1, certified: 0 },
  ...{ promise: "Of all rows ...", raised: null, refused: null },
};

test("a job on the ledger says for what its rows wait, and what the coordinator computed beside what was told", () => {
  const view = inferenceViewOf("job", { queryCount: 500, rows: ROWS });
  const said = inferenceWords.qualityOf(view);
  expect(said).toContain("the coordinator computed 50 rows, 10 % of all; told before: about 120");
  expect(said).toContain(
    "rows: 300 not asked yet, 2 asked again, 1 for a second word, 4 at the coordinator; 3 claims are out",
  );
  const raised = "A volunteer was wrong: 400 rows are asked again.";
  expect(inferenceWords.qualityOf({ ...view, rows: { ...ROWS, raised } })).toContain(raised.slice(0, -1));
});

test("one that runs in rounds says nothing of it", () => {
  expect(inferenceWords.qualityOf(inferenceViewOf("job"))).not.toContain("the coordinator computed");
});
