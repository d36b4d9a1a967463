import { describe, expect, test } from "vitest";
import { RUNTIMES } from "../../../../shared/compute/runtimes/runtimes.ts";
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import { UNMEASURED_TOLERANCES } from "../../../../shared/verify/compare-rows.ts";
import { packDifferences, packGroups } from "../packed-channels.ts";
import type { FixedArithmetic } from "../records.ts";
import {
  type AnswerRule,
  answerRuleOf,
  CLASSIFICATION,
  isOff,
  leavesLabelOpen,
  lookAt,
  saysTheSame,
  scaleFloorOf,
} from "./answer-rule.ts";

const row = (...values: number[]) => Float32Array.of(...values);

test("classification: the same label is the same answer, however the numbers differ", () => {
  expect(saysTheSame(CLASSIFICATION, row(1, 5, 2), row(-9, 0, -1))).toBe(true);
  expect(saysTheSame(CLASSIFICATION, row(1, 5, 2), row(1, 5, 5.01))).toBe(false);
  expect(scaleFloorOf(CLASSIFICATION)).toBe(0);
});

describe("regression", () => {
  const rule = (changes: Partial<Extract<AnswerRule, { task: "regression" }>>): AnswerRule => ({
    task: "regression",
    tolerance: UNMEASURED_TOLERANCES,
    fixed: "close",
    relative: 0.1,
    absolute: 0,
    outputScale: 0,
    ...changes,
  });

  test("numbers within absolute + relative * rms of the model's own are the same answer", () => {
    expect(saysTheSame(rule({}), row(10), row(10.9))).toBe(true);
    expect(saysTheSame(rule({}), row(10), row(11.1))).toBe(false);
    expect(saysTheSame(rule({ absolute: 0.5 }), row(10), row(11.4))).toBe(true);
    expect(saysTheSame(rule({ relative: 0, absolute: 0.5 }), row(10, 0), row(10, 0.6))).toBe(false);
  });

  test("the place of the largest number does not matter", () => {
    expect(saysTheSame(rule({}), row(10, 10.1), row(10.1, 10))).toBe(true);
  });

  test("near zero differences are measured against the scale of all outputs", () => {
    expect(saysTheSame(rule({}), row(0.001), row(0.5))).toBe(false);
    expect(saysTheSame(rule({ outputScale: 10 }), row(0.001), row(0.5))).toBe(true);
    expect(saysTheSame(rule({ outputScale: 10 }), row(0.001), row(1.1))).toBe(false);
    expect(scaleFloorOf(rule({ outputScale: 10 }))).toBe(10);
  });

  test("of several outputs in a row each is measured on its own scale", () => {
    const outputScale = [
      { size: 2, scaleFloor: 1_000 },
      { size: 1, scaleFloor: 0.1 },
    ];
    expect(saysTheSame(rule({ outputScale }), row(1_000, 0, 0.001), row(1_050, 50, 0.01))).toBe(true);
    expect(saysTheSame(rule({ outputScale }), row(1_000, 0, 0.001), row(1_000, 0, 0.02))).toBe(false);
    expect(saysTheSame(rule({ outputScale }), row(1_000, 0, 0.001), row(1_000, 200, 0.001))).toBe(false);
  });

  test("a job says its tolerance, or gets 5 %", () => {
    const job = (settings: object) => ({
      submission: inferenceSubmissionSchema.parse({
        kind: "inference",
        source: { kind: "sample", sample: "mnist" },
        ...settings,
      }),
      outputScale: 2,
      sensitivity: null,
    });
    expect(answerRuleOf(job({}))).toEqual(CLASSIFICATION);
    expect(answerRuleOf(job({ task: "regression" }))).toEqual(rule({ relative: 0.05, outputScale: 2 }));
    const tolerance = { relative: 0, absolute: 3 };
    expect(answerRuleOf(job({ task: "regression", tolerance }))).toEqual(rule({ ...tolerance, outputScale: 2 }));
  });

  test("a sensitive model's rows are compared within what was measured of it", () => {
    const submission = inferenceSubmissionSchema.parse({
      kind: "inference",
      source: { kind: "sample", sample: "mnist" },
    });
    const sensitivity = { rows: 16, rowsOnSecond: 16, deviation: 1e-4 };
    expect(answerRuleOf({ submission, outputScale: null, sensitivity }).tolerance.float32).toBeCloseTo(6.4e-3, 12);
  });
});

test("[PC10] [PC12] what was measured of a job says how its rows are compared, unless another version of the library did", () => {
  const submission = inferenceSubmissionSchema.parse({
    ...{ kind: "inference", task: "regression", source: { kind: "sample", sample: "mnist" } },
  });
  const differences = packDifferences(Float32Array.of(0, 1e-6));
  const sizes = { groupOf: packGroups(Uint16Array.of(0, 1)), floors: [600, 0.1] };
  const library = RUNTIMES[0]!.library;
  const ruleWith = (fixed: FixedArithmetic | undefined) =>
    answerRuleOf({
      submission,
      outputScale: 400,
      sensitivity: null,
      sizes,
      ...(fixed === undefined ? {} : { fixed }),
    });
  const exact = ruleWith({ library });
  expect(exact).toMatchObject({ fixed: "exact", tolerance: { fixed32: 0 } });
  expect(isOff(exact, row(600, 0.1), row(600, 0.1), "fixed32")).toBe(false);
  expect(isOff(exact, row(600, 0.1), row(600, 0.1 + 2 ** -26), "fixed32")).toBe(true);
  const native = ruleWith({ library, differences });
  expect(isOff(native, row(600, 0.1), row(600, 0.1 + 7e-6), "fixed32")).toBe(false);
  expect(isOff(native, row(600, 0.1), row(600, 0.1 + 13e-6), "fixed32")).toBe(true);
  expect(isOff(native, row(600, 0.1), row(600 + 2 ** -14, 0.1), "fixed32")).toBe(true);
  for (const fixed of [undefined, { library: `${library} of yesterday` }]) {
    expect(ruleWith(fixed)).toMatchObject({ fixed: "close", tolerance: { fixed32: 1e-3 } });
  }
  for (const of of ["float32", "float16"] as const) {
    const share = exact.tolerance[of];
    expect(isOff(exact, row(600, 0.1), row(600 * (1 + 0.9 * share), 0.1), of)).toBe(false);
    expect(isOff(exact, row(600, 0.1), row(600, 0.1 * (1 + 1.1 * share)), of)).toBe(true);
  }
});

test("[VF16] where the coordinator's own row overflows no answer is off; one that overflows where it does not is", () => {
  const [numbers, overflowing] = [Float32Array.of(1, 2), Float32Array.of(Number.POSITIVE_INFINITY, 2)];
  expect(isOff(CLASSIFICATION, overflowing, numbers, "float32")).toBe(false);
  expect(isOff(CLASSIFICATION, Float32Array.of(Number.NaN, 2), overflowing, "float32")).toBe(false);
  expect(isOff(CLASSIFICATION, numbers, overflowing, "float32")).toBe(true);
});

test("[PC10] a row of a device whose arithmetic is fixed is fine with the same bits alone; of any other what half precision explains is coarse", () => {
  const exact = { ...CLASSIFICATION, fixed: "exact", tolerance: { ...UNMEASURED_TOLERANCES, fixed32: 0 } } as const;
  const near = row(1, 5 * (1 + 1e-6));
  expect(lookAt(exact, row(1, 5), row(1, 5), "fixed32")).toBe("fine");
  expect(lookAt(exact, row(1, 5), near, "fixed32")).toBe("wrong");
  expect(lookAt(exact, row(1, 5), near, "float32")).toBe("fine");
  const ofHalf = row(1, 5 * (1 + 0.5 * UNMEASURED_TOLERANCES.float16));
  expect(lookAt(exact, row(1, 5), ofHalf, "float32")).toBe("coarse");
  expect(lookAt(exact, row(1, 5), row(5, 1), "float32")).toBe("wrong");
});

test("[PC10] two back-ends of unlike precision leave a label open that the coarser of them cannot tell", () => {
  const rule = { ...CLASSIFICATION, tolerance: { fixed32: 0, float32: 1e-3, float16: 5e-2 } };
  const tied = row(1, 1 + 1e-5);
  expect(leavesLabelOpen(rule, tied, "fixed32", "float32")).toBe(true);
  expect(leavesLabelOpen(rule, tied, "float32", "float32")).toBe(false);
  expect(leavesLabelOpen(rule, row(1, 5), "fixed32", "float32")).toBe(false);
});
