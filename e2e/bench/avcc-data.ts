/** The data of the `avcc` bench, its accuracy on the test set, and descent in Float64 to compare with. */

import { link } from "../../server/kinds/regression/engine/link.ts";
import { descend, zeroWeights } from "../../server/kinds/regression/engine/optimizer.ts";
import { evaluate, scoresOf } from "../../server/kinds/regression/engine/predict.ts";
import { type PreparedTraining, prepareTraining } from "../../server/kinds/regression/engine/prepare-training.ts";
import type { FeatureSource } from "../../server/kinds/regression/engine/survey.ts";
import {
  GISETTE_LIKE_SEED,
  type GisetteOptions,
  type GisetteSplit,
  gisetteLike,
} from "../../server/samples/gisette-like.ts";
import { OPTIMIZER } from "./avcc-cases.ts";

export interface BenchData {
  readonly features: FeatureSource;
  readonly labels: Int8Array;
  readonly accuracyOf: (weights: Float64Array) => number;
  /** Quantized once for all runs. */
  readonly prepared: PreparedTraining;
}

/** The bench's own seed changes delays and roles, not the data. @param size smaller than the original's, for tests */
export async function benchData(size: Partial<GisetteOptions> = {}): Promise<BenchData> {
  const { train, test, columns, inputScale } = await gisetteLike({ seed: GISETTE_LIKE_SEED, ...size });
  const source = ({ values, rows }: GisetteSplit): FeatureSource => ({ values, rows, columns, inputScale });
  const testTargets = targets(test.labels);
  const [features, { labels }] = [source(train), train];
  return {
    features,
    labels,
    prepared: prepareTraining({ kind: "logistic", features, labels, rounding: null }),
    accuracyOf: (weights) => evaluate("logistic", source(test), testTargets, weights, 1).accuracy ?? 0,
  };
}

/** Plain logistic regression in Float64, no fixed point anywhere. @returns the test accuracy after each iteration */
export function floatAccuracies({ features, labels, accuracyOf }: BenchData, iterations: number): number[] {
  const { values, rows, columns, inputScale } = features;
  let weights = zeroWeights(columns);
  return Array.from({ length: iterations }, () => {
    const { residuals } = link("logistic", scoresOf(features, weights.lookahead, 1), targets(labels), 1);
    const gradientSum = new Float64Array(columns);
    for (let r = 0; r < rows; r++) {
      const residual = residuals[r]! * inputScale;
      for (let j = 0; j < columns; j++) gradientSum[j]! += residual * values[r * columns + j]!;
    }
    weights = descend(weights, gradientSum, rows, OPTIMIZER);
    return accuracyOf(weights.weights);
  });
}

function targets(labels: Int8Array): Float64Array {
  return Float64Array.from(labels, (label) => (label > 0 ? 1 : 0));
}
