/** What is known of estimates is durable with them. */
import { expect, test } from "vitest";
import { emptyTally } from "../../../../../shared/verify/estimate-confidence.ts";
import { COORDINATOR } from "../../core/job.ts";
import { estimateCodeOf } from "../../engine/estimate-codes.ts";
import { rowJob, WIDTH } from "../testing/row-job.ts";
import { RowAnswers } from "./row-answers.ts";

test("[RS1] after a restart an estimate is as sure as it was, and what it was measured by goes on", () => {
  const before = new RowAnswers(rowJob("job"), null);
  const { coded, neighbours } = emptyTally();
  const tally = { coded: { agreed: coded.agreed.with(3, 90), total: coded.total.with(3, 100) }, neighbours };
  before.answers.heldOut = tally;
  const output = new Float32Array(WIDTH).fill(0.5);
  before.takeDecoded(7, 0, { output, mark: "estimated", by: null, estimateCode: estimateCodeOf("coded", 3) });
  const append = before.append([{ place: 7, attempt: 0, author: COORDINATOR, mark: "estimated" }], []);
  const after = new RowAnswers(rowJob("job"), null);
  after.read(append);
  expect(before.answers.confidenceOf(7)).toBeGreaterThan(0.5);
  expect(after.answers.confidenceOf(7)).toBe(before.answers.confidenceOf(7));
  expect(after.answers.heldOut).toEqual(tally);
  expect(after.restored()).toMatchObject([{ place: 7, author: COORDINATOR, mark: "estimated", isFinal: false }]);
});
