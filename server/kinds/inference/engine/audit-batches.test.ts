import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoadedModel } from "../../../../shared/compute/model-runtime.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { CLASS_ROWS_TO_TELL } from "../../../../shared/verify/model-class.ts";
import { type AnswerRule, CLASSIFICATION } from "./answer-rule.ts";
import { type AuditBatch, auditBatches } from "./audit-batches.ts";

const [D, C] = [3, 2];

/** Each output is a sum of its own entries; `calls` has the rows of each call. */
function countingModel(): { model: LoadedModel; calls: number[] } {
  const calls: number[] = [];
  const run = async (rows: Float32Array, rowCount: number) => {
    expect(rows.length).toBe(rowCount * D);
    calls.push(rowCount);
    return Float32Array.from({ length: rowCount * C }, (_, i) => outputOf(rows, Math.floor(i / C), i % C));
  };
  const facts = {
    inputShape: [D],
    inputs: [],
    inputSize: D,
    outputSize: C,
    macsPerQuery: 4,
    weightBytes: 0,
    activationsPerQuery: 5,
    numbersPerRun: 0,
  };
  return { model: { facts, run, runProfiled: () => Promise.reject(new Error("not asked")), dispose() {} }, calls };
}

function outputOf(rows: Float32Array, row: number, c: number): number {
  return rows[row * D + c]! + rows[row * D + c + 1]!;
}

/** @param wrong rows that are answered with something else */
function batchOf(seed: number, rowCount: number, options: Partial<AuditBatch> & { wrong?: readonly number[] } = {}) {
  const random = simulationRandom(seed);
  const { wrong = [], ...rest } = options;
  const inputs = Float32Array.from({ length: rowCount * D }, () => 1 + random.uniform());
  const outputs = Float32Array.from({ length: rowCount * C }, (_, i) => outputOf(inputs, Math.floor(i / C), i % C));
  for (const row of wrong) outputs[row * C] = -outputs[row * C]!;
  const none = { isFine: true, randomRows: 0, ambiguousRows: 0, chosenRows: [], estimates: null, against: null };
  return { rule: CLASSIFICATION, precision: "float32", inputs, outputs, ...none, ...rest } satisfies AuditBatch;
}

test("[VF1] audited together, batches have the outcomes that they have alone, in fewer calls", async () => {
  let cases = 0;
  const shape = fc.record({ rowCount: fc.integer({ min: 1, max: CLASS_ROWS_TO_TELL }), isWrong: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0 }), async (shapes, seed) => {
      cases++;
      const batches = shapes.map(({ rowCount, isWrong }, b) => {
        const chosenRows = [...Array(rowCount).keys()].filter((row) => (row + b) % 2 === 0);
        return batchOf(seed + b, rowCount, { chosenRows, wrong: isWrong ? [0] : [] });
      });
      const together = countingModel();
      const alone = countingModel();
      const outcomes = await auditBatches(together.model, batches, simulationRandom(seed));
      for (const [b, batch] of batches.entries()) {
        const [own] = await auditBatches(alone.model, [batch], simulationRandom(seed));
        expect(outcomes[b]).toEqual(own);
      }
      const checked = outcomes.reduce(
        (sum, { checkedRows }) => sum + checkedRows.filter((flag) => flag === 1).length,
        0,
      );
      expect(together.calls.reduce((sum, rows) => sum + rows, 0)).toBe(checked);
      expect(together.calls.length).toBeLessThanOrEqual(alone.calls.length);
    }),
    { seed: 20261126, numRuns: 200 },
  );
  expect(cases).toBe(200);
});

test("no call has more rows than the largest batch, however many batches there are", async () => {
  const { model, calls } = countingModel();
  const batches = [2, 4, 4, 3].map((rowCount, b) => batchOf(b, rowCount, { randomRows: rowCount }));
  const outcomes = await auditBatches(model, batches, simulationRandom(1));
  expect(calls).toEqual([4, 4, 4, 1]);
  expect(outcomes.map(({ randomlyChecked, failed }) => [randomlyChecked, failed])).toEqual([
    [2, 0],
    [4, 0],
    [4, 0],
    [3, 0],
  ]);
});

test("where nothing is to be checked, no model is asked", async () => {
  const { model, calls } = countingModel();
  const [outcome] = await auditBatches(model, [batchOf(1, 4)], simulationRandom(1));
  expect(calls).toEqual([]);
  expect(outcome).toMatchObject({ randomlyChecked: 0, failed: 0, ownOutputs: new Float32Array() });
});

test("[VF2] [VF7] rows that differ from an estimate, or from what somebody else said, are checked beside the drawn ones", async () => {
  const { model } = countingModel();
  const honest = batchOf(1, 6);
  const lying = batchOf(1, 6, { wrong: [4] });
  const present = Uint8Array.from([1, 1, 1, 0, 1, 1]);
  const estimates = { outputs: honest.outputs, present };
  const against = { outputs: honest.outputs, precision: "float32", isFine: true, checked: null } as const;
  const [suspected, contradicted] = await auditBatches(
    model,
    [
      { ...lying, estimates },
      { ...lying, against },
    ],
    simulationRandom(1),
  );
  for (const outcome of [suspected!, contradicted!]) {
    // [PC5] The row was found, and all others were looked at for its sake.
    expect([...outcome.checkedRows]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(outcome).toMatchObject({ randomlyChecked: 0, failed: 1, looked: { fine: 5, coarse: 0, wrong: 1 } });
    expect([...outcome.ownOutputs]).toEqual([...honest.outputs]);
  }
  expect(contradicted!.against).toMatchObject({ randomlyChecked: 0, failed: 0 });
});

test("[VF16] a row that is said to have no finite numbers is recomputed, drawn or not", async () => {
  const { model } = countingModel();
  const claims = batchOf(1, 4);
  claims.outputs[2 * C] = Number.NaN;
  const [outcome] = await auditBatches(model, [{ ...claims, randomRows: 0 }], simulationRandom(1));
  expect(outcome!.checkedRows[2]).toBe(1);
  expect(outcome).toMatchObject({ randomlyChecked: 0, failed: 1 });
});

test("[PC10] of a back-end whose arithmetic is fixed a row with another bit is wrong, whatever the model makes of rounding", async () => {
  const allowed = new Float32Array(C).fill(1e-4);
  const numbers = { relative: 0.05, absolute: 0, outputScale: 1e6 };
  const honest = batchOf(3, 4, { chosenRows: [0, 1] });
  const looked = async (rule: AnswerRule, precision: AuditBatch["precision"], by: number) => {
    const outputs = Float32Array.from(honest.outputs, (number, i) => number + (i === 1 ? by : 0));
    const batch = { ...honest, outputs, rule, precision };
    const [audit] = await auditBatches(countingModel().model, [batch], simulationRandom(1));
    return audit!.looked;
  };
  const lastBit = honest.outputs[1]! * 2 ** -22;
  expect(lastBit).toBeGreaterThan(0);
  for (const task of ["classification", "regression"] as const) {
    const rule: AnswerRule = { ...CLASSIFICATION, ...numbers, task, fixed: "exact" };
    expect(await looked(rule, "fixed32", 0)).toEqual({ fine: 2, coarse: 0, wrong: 0 });
    expect(await looked(rule, "fixed32", lastBit)).toEqual({ fine: 3, coarse: 0, wrong: 1 });
    expect(await looked(rule, "float32", lastBit)).toEqual({ fine: 2, coarse: 0, wrong: 0 });
    // Where checks are computed with other code each number has room of its own.
    expect(await looked({ ...rule, fixed: allowed }, "fixed32", 0.9e-4)).toEqual({ fine: 2, coarse: 0, wrong: 0 });
    expect(await looked({ ...rule, fixed: allowed }, "fixed32", 2e-4)).toEqual({ fine: 3, coarse: 0, wrong: 1 });
  }
});

test("[PC10] of one that was not measured so a row that others may send is coarse, and no batch has some of them", async () => {
  const rule = { ...CLASSIFICATION, tolerance: { ...CLASSIFICATION.tolerance, fixed32: 3e-5 } };
  const honest = batchOf(3, 4, { rule, chosenRows: [0, 1] });
  const off = Float32Array.from(honest.outputs, (number, i) => number * (i < C ? 1 + 2e-4 : 1));
  const looked = async (precision: AuditBatch["precision"]) => {
    const [audit] = await auditBatches(
      countingModel().model,
      [{ ...honest, outputs: off, precision }],
      simulationRandom(1),
    );
    return [audit!.failed, audit!.looked];
  };
  expect(await looked("float32")).toEqual([0, { fine: 2, coarse: 0, wrong: 0 }]);
  // One is off, so all are looked at.
  expect(await looked("fixed32")).toEqual([1, { fine: 3, coarse: 1, wrong: 0 }]);
});

test("[PC10] where one of two back-ends is fixed and the other is not, a label that the other cannot tell is recomputed", async () => {
  const rule = { ...CLASSIFICATION, tolerance: { ...CLASSIFICATION.tolerance, fixed32: 3e-5 } };
  const inputs = Float32Array.from([1, 5, 1, 1, 2, 1.001, 1, 2, 1.01]);
  const outputs = Float32Array.from({ length: 3 * C }, (_, i) => outputOf(inputs, Math.floor(i / C), i % C));
  const checked = async (one: AuditBatch["precision"], other: AuditBatch["precision"]) => {
    const against = { outputs, precision: other, isFine: true, checked: null };
    const batch = batchOf(1, 3, { rule, inputs, outputs, precision: one, against });
    const [audit] = await auditBatches(countingModel().model, [batch], simulationRandom(1));
    return [...audit!.checkedRows];
  };
  expect(await checked("fixed32", "fixed32")).toEqual([0, 0, 0]);
  expect(await checked("float32", "float32")).toEqual([0, 0, 0]);
  expect(await checked("fixed32", "float32")).toEqual([1, 1, 0]);
  expect(await checked("float32", "fixed32")).toEqual([1, 1, 0]);
  // [DP9] Half precision vouches for nobody finer.
  expect(await checked("fixed32", "float16")).toEqual([0, 0, 0]);
});

test("[PC1] rows whose label the tolerance leaves open are recomputed beside the drawn ones, the least certain first, as many as may be", async () => {
  const rows = [
    [1, 5, 1],
    [1, 2, 1.001],
    [1, 2, 1],
    [1, 2, 1.01],
  ];
  const inputs = Float32Array.from(rows.flat());
  const outputs = Float32Array.from({ length: rows.length * C }, (_, i) => outputOf(inputs, Math.floor(i / C), i % C));
  const checked = async (ambiguousRows: number, precision: AuditBatch["precision"]) => {
    const rule = { ...CLASSIFICATION, tolerance: { ...CLASSIFICATION.tolerance, fixed32: 3e-5 } };
    const batch = batchOf(1, rows.length, { rule, inputs, outputs, ambiguousRows, precision });
    const [audit] = await auditBatches(countingModel().model, [batch], simulationRandom(1));
    expect(audit).toMatchObject({ randomlyChecked: 0, failed: 0 });
    return [...audit!.checkedRows];
  };
  expect(await checked(0, "float16")).toEqual([0, 0, 0, 0]);
  expect(await checked(4, "float32")).toEqual([1, 1, 1, 0]);
  expect(await checked(4, "fixed32")).toEqual([1, 0, 1, 0]);
  expect(await checked(4, "float16")).toEqual([1, 1, 1, 1]);
  expect(await checked(1, "float16")).toEqual([1, 0, 0, 0]);
});
