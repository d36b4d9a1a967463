import { expect, test } from "vitest";
import { regressionSubmissionSchema } from "../../../shared/kinds/regression/submission.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { runPlanOf } from "../../coded/core/run-lifecycle.ts";
import { regressionFiles } from "./desk.ts";
import { type RegressionFiles, RegressionNumerics } from "./engine/regression-engine.ts";
import { trainingInput } from "./engine/training-data.ts";
import { regressionCodec } from "./records.ts";

const values = Float64Array.of(0.1, 7.3, 0.25, -2, 0.5, 4.9, 0.75, 1, 1, 1);
const featuresNpy = encodeNpy({ dtype: "F64", shape: [5, 2], data: values });
const labelsNpy = encodeNpy({ dtype: "I32", shape: [5], data: Int32Array.of(0, 1, 0, 1, 0) });
const read = async (sha256: string) => (sha256 === "X" ? featuresNpy : labelsNpy);

function recordOf(rounding: object) {
  const { kind, ...rest } = {
    kind: "regression" as const,
    source: { kind: "sample" as const, sample: "mnist" as const },
  };
  // What a submission of before said: featureBits was not yet a setting.
  const { featureBits: _featureBits, ...submission } = regressionSubmissionSchema.parse({
    kind,
    ...rest,
    ...{ validationShare: 0, dataVolunteers: 2, model: "logistic", learningRate: 0.5, l2: 0 },
  });
  const facts = { rows: 5, columns: 2, classes: 1, labelOfClass: [0, 1], inputScale: 1, splitSeed: 1, ...rounding };
  return regressionCodec.fromRecord({
    ...{ jobId: "j", kind, state: "running", submittedMs: 1, finishedMs: null, facts },
    data: { submission, featuresSha256: "X", labelsSha256: "y", invitations: [] },
  });
}

test("a stored job of before keeps its rounding: 1023 steps, one limb; a new one has what was planned", async () => {
  const old = recordOf({});
  const plan = runPlanOf(old);
  const files = await regressionFiles(old, plan, read);
  expect(files.rounding).toBe(null);
  const { optimizer } = files as RegressionFiles;
  const numerics = new RegressionNumerics({ ...trainingInput(files), plan, optimizer });
  const { forward } = numerics.prepare().matrices;
  expect(forward.rows).toBe(5);
  expect([...forward.residues.subarray(0, 2)]).toEqual([Math.floor(0.1 * 1023 + 0.5), 1023]);

  const planned = { featureBits: 22, limbBits: 11, featureLimbs: 2, vectorBits: 22 };
  const parts = { limbs: 2, chunks: 1 };
  const rounding = { ...planned, forward: parts, backward: parts, notes: [] };
  const renewed = await regressionFiles(recordOf({ rounding }), plan, read);
  expect(renewed.rounding).toEqual(rounding);
});
