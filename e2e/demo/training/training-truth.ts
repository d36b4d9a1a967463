/** What the training demo compares with: digits to test on, and the weights that one machine comes to. */
import { planRounding } from "../../../server/kinds/regression/engine/rounding.ts";
import { surveyFeatures } from "../../../server/kinds/regression/engine/survey.ts";
import { featuresOf, labelsOf } from "../../../server/kinds/regression/engine/training-data.ts";
import { regressionTestSet } from "../../../server/samples/regression-sample.ts";
import { TABLE_SCALES } from "../../../server/samples/regression-tables.ts";
import { tableInThread } from "../../../server/samples/table-in-thread.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { trainOnOneMachine } from "../../proofs/scenarios/regression-reference.ts";
import { ITERATIONS, OPTIMIZER } from "./training-cases.ts";

const ROWS = 6_000;

export interface TrainingTruth {
  /** X of the test digits, for the predictions route. */
  readonly testFeaturesNpy: Uint8Array<ArrayBuffer>;
  /** -1: a four, 1: a nine */
  readonly testLabels: Float64Array;
  /** After all iterations, columns x 1 */
  readonly weights: Float64Array;
}

export async function trainingTruth(): Promise<TrainingTruth> {
  const test = await regressionTestSet("gisette-like");
  const testRows = parseNpy(test.featuresNpy).shape[0]!;
  const train = await tableInThread({ sample: "gisette-like", part: "train", rows: ROWS });
  const features = featuresOf(parseNpy(train.featuresNpy), TABLE_SCALES["gisette-like"]);
  const labels = labelsOf(parseNpy(train.labelsNpy), features.rows);
  const rounding = planRounding(surveyFeatures(features), null);
  return {
    testFeaturesNpy: test.featuresNpy,
    testLabels: labelsOf(parseNpy(test.labelsNpy), testRows),
    weights: trainOnOneMachine({ kind: "logistic", features, labels, rounding, optimizer: OPTIMIZER }, ITERATIONS),
  };
}

/** Every bit of every weight. */
export function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
