import { expect, test } from "vitest";
import { ANSWER_BOUND_DEFAULT } from "../../shared/protocol/limits.ts";
import { run } from "./checks.ts";
import { poissonUpperLimit } from "./poisson-limit.ts";

test("[VF7] [VF10] opinions cost rows of tabs, a cap on audits costs final answers, and wrong final ones stay within the bound", {
  timeout: 240_000,
}, async () => {
  const { rows } = await run({ seed: 2, progress: () => {}, queries: 240, crowds: 3 });
  const of = (opinions: number, cap: number) =>
    rows.find(
      (row) => row.lies === "nobody" && row.opinions === opinions && row.cap === cap && row.suspicion === "yes",
    )!;
  expect(of(1, 4).tabRows as number).toBeGreaterThan((of(0, 4).tabRows as number) + 0.2);
  expect(of(0.25, 0).auditedRows as number).toBeLessThan(0.05);
  expect(of(0.25, 0).final as number).toBeLessThan(0.05);
  for (const row of rows) {
    const allowed = poissonUpperLimit((row.answers as number) * ANSWER_BOUND_DEFAULT);
    expect(row.wrongFinal, JSON.stringify(row)).toBeLessThanOrEqual(allowed);
  }
});
