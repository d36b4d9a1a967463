/** Small cases of the benches that drive the real coordinator: that their parts fit together and count the right things. */
import { describe, expect, test } from "vitest";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { withKnownOutputs } from "../proofs/simulator/known-outputs.ts";
import { calibrationRows, statedEstimates } from "./calibration.ts";
import { run as falseAlarms } from "./false-alarms.ts";
import { countFlag } from "./flags.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { jobWorld } from "./job-world.ts";
import { run as overhead } from "./overhead.ts";
import { run as waiting } from "./waiting.ts";

const quietly = { seed: 1, progress: () => {} };

describe("known outputs", () => {
  const asked: number[] = [];
  const model: LoadedModel = {
    facts: {
      inputShape: [2],
      inputs: [],
      inputSize: 2,
      outputSize: 1,
      macsPerQuery: 2,
      weightBytes: 8,
      activationsPerQuery: 2,
      numbersPerRun: 0,
    },
    async run(rows, rowCount) {
      asked.push(rowCount);
      return Float32Array.from({ length: rowCount }, (_, r) => rows[2 * r]! + rows[2 * r + 1]!);
    },
    runProfiled: () => Promise.reject(new Error("not here")),
    dispose() {},
  };

  test("are looked up bit for bit, in any order; only other rows are computed", async () => {
    const rows = Float32Array.of(1, 2, 3, 4, 0, -0);
    const remembering = withKnownOutputs(model, rows, Float32Array.of(30, 70, 5));
    asked.length = 0;
    expect([...(await remembering.run(Float32Array.of(3, 4, 1, 2, 0, -0), 3))]).toEqual([70, 30, 5]);
    expect(asked).toEqual([]);
    // Zeros of another sign are another row.
    expect([...(await remembering.run(Float32Array.of(5, 6, 3, 4, 0, 0), 3))]).toEqual([11, 70, 0]);
    expect(asked).toEqual([2]);
    expect([...(await remembering.run(Float32Array.of(9, 9), 1))]).toEqual([18]);
    expect(asked).toEqual([2, 1]);
  });
});

describe("calibration", () => {
  test("bins hold what was stated in them; a bin with few estimates says nothing, one that is off says so", () => {
    const estimates = (count: number, confidence: number, agreeing: number) =>
      Array.from({ length: count }, (_, i) => ({ confidence, agrees: i < agreeing }));
    const rows = calibrationRows([
      ...estimates(1_000, 0.951, 945),
      ...estimates(2_000, 0.912, 1_700),
      ...estimates(999, 1, 0),
    ]);
    expect(rows.map(({ estimates: count, kept }) => [count, kept])).toEqual([
      [2_000, "NO"],
      [1_000, "yes"],
      [999, null],
    ]);
    expect(rows[0]!.pointsOff).toBeCloseTo(100 * (0.85 - 0.912), 9);
    expect(rows[2]).toMatchObject({ to: 1 });
  });

  test("estimates of a fast job are of lost queries alone, and each carries a confidence", async () => {
    const [known] = knownCasesOf(["mnist"]);
    const world = await jobWorld(await loadKnownCase(known!, 2_400, () => {}));
    const estimates = await statedEstimates(world, 8, 3, 1);
    expect(estimates.length).toBeLessThan((2_400 * 3) / 8);
    for (const { confidence } of estimates) expect(confidence > 0 && confidence < 1).toBe(true);
  });
});

test("waiting: first answers never come after own ones, and without faults nobody computes much more than once", async () => {
  const { rows, notes } = await waiting({ ...quietly, crowds: 1, queries: 320 });
  expect(rows).toHaveLength(6 * 2 * 5);
  for (const row of rows) {
    // Where both are the same times, they are added in another order.
    expect(row.firstMean as number).toBeLessThanOrEqual((row.ownMean as number) + 1e-9);
    expect(row.first95 as number).toBeGreaterThan(0);
    if (row.scheme === "uncoded, speculative") expect(row.estimatedShare).toBe(0);
    // Parities are a quarter more rows, known rows and second words of newcomers at most as many again.
    if (row.faults === "none") expect(row.tabRowsPerAnswer as number).toBeLessThan(1.75);
    // A fifth of slow answers hides no slow answer: rows are sent to somebody else too.
    if (row.scheme === "uncoded, speculative" && String(row.faults).startsWith("1 claim in 5"))
      expect(row.tabRowsPerAnswer as number).toBeGreaterThan(1);
  }
  expect(notes.at(-1)).toContain("10000");
});

test("false alarms: wasm and cpu differ, and nobody honest is quarantined", async () => {
  const asked = { batches: 300, queries: 320, models: ["mnist-mlp"], withBrowser: false, only: "alone" } as const;
  const { rows } = await falseAlarms({ ...quietly, ...asked });
  expect(rows.map(({ backend }) => backend)).toEqual(["wasm", "cpu"]);
  expect(rows.reduce((sum, { batches }) => sum + (batches as number), 0)).toBeGreaterThanOrEqual(300);
  for (const row of rows) {
    expect(row).toMatchObject({ failedAudits: 0, quarantined: 0, precision: "float32" });
    expect(row.auditedRows as number).toBeGreaterThan(0);
  }
  const [wasm, cpu] = rows.map(({ largestDeviation }) => largestDeviation as number);
  expect(wasm).toBe(0);
  expect(cpu).toBeGreaterThan(0);
  expect(cpu).toBeLessThan(1e-4);
});

test("false alarms: beside models that float32 hardly determines, or not at all, nobody honest is quarantined either", async () => {
  const asked = {
    together: 200,
    queries: 320,
    models: ["mnist-mlp"],
    illModels: 8,
    queriesOfIll: 64,
    withBrowser: false,
  };
  const { rows, notes } = await falseAlarms({ ...quietly, ...asked, only: "together" });
  const counts = rows.map(({ group, models, backend }) => [group, models, backend]);
  expect(counts).toEqual(
    [
      ["mnist-mlp", 1],
      // [PC13] Those that rounding decides are taken for WebAssembly alone, of which no bit differs.
      ["ill-conditioned", 8],
    ].flatMap(([group, models]) => ["wasm", "cpu"].map((backend) => [group, models, backend])),
  );
  for (const row of rows) {
    expect(row).toMatchObject({ failedRows: 0, quarantined: 0 });
    expect(row.batches as number).toBeGreaterThan(0);
    expect(row.auditedRows as number).toBeGreaterThan(0);
  }
  expect(notes.at(-1)).toMatch(/ 0 of 6 volunteers quarantined; at first 9 models done/);
});

test.runIf(process.platform === "linux")(
  "overhead: the whole coordinator costs more than nothing, and volunteers with a record are audited less",
  async () => {
    const settings = [{ model: "mnist-mlp", queries: 400 }];
    const { rows } = await overhead({ ...quietly, settings, runs: 1 });
    expect(rows.map(({ model, volunteers, runs }) => [model, volunteers, runs])).toEqual([
      ["mnist-mlp", "newcomers", 1],
      ["mnist-mlp", "known", 1],
    ]);
    for (const row of rows) {
      expect(row.tabSeconds as number).toBeGreaterThan(0);
      // A model of some hundredths of a millisecond costs the coordinator more than the tabs.
      expect(row.share as number).toBeGreaterThan(1);
      expect(row.kept).toBe("NO");
    }
    expect(rows[1]!.auditShare as number).toBeLessThan(rows[0]!.auditShare as number);
  },
);

test("a flag that counts is a whole number from 1 on", () => {
  expect(countFlag({ limit: "12" }, "limit")).toBe(12);
  expect(countFlag({}, "limit")).toBeUndefined();
  for (const text of ["0", "-1", "1.5", "x", ""]) expect(() => countFlag({ limit: text }, "limit")).toThrow(/--limit/);
});
