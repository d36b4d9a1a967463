/** The work that is submitted while the coordinator is killed: small jobs whose right answers are known beforehand. */
import { planRounding } from "../../../server/kinds/regression/engine/rounding.ts";
import { surveyFeatures } from "../../../server/kinds/regression/engine/survey.ts";
import { featuresOf, labelsOf } from "../../../server/kinds/regression/engine/training-data.ts";
import { loadMnist } from "../../../server/samples/mnist.ts";
import { loadMnistModel } from "../../../server/samples/mnist-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { trainOnOneMachine } from "../scenarios/regression-reference.ts";

const DIGITS_KNOWN = 1_000;
const PIXELS = 784;
export const OUTPUTS = 10;

const ROWS = 160;
const COLUMNS = 24;
const PLAIN = { standardise: false, intercept: false, l2: 0 } as const;
export const TRAINING = { iterations: 40, learningRate: 0.5, momentum: 0.9, ...PLAIN } as const;

export interface KnownWork {
  /** Of the MNIST test set. */
  readonly digitCount: number;
  /** What the model says of each digit, digitCount x OUTPUTS. */
  readonly outputs: Float32Array;
  /** Digits from..from+count-1, as an upload. */
  digitsNpy(from: number, count: number): Uint8Array<ArrayBuffer>;
  readonly featuresNpy: Uint8Array<ArrayBuffer>;
  readonly labelsNpy: Uint8Array<ArrayBuffer>;
  /** After all iterations, bit for bit what a coded run must come to. */
  readonly weights: Float64Array;
}

export async function knownWork(): Promise<KnownWork> {
  const { images } = await loadMnist("test");
  const model = await createPlainRuntime().load(await loadMnistModel());
  const rows = Float32Array.from(images.subarray(0, DIGITS_KNOWN * PIXELS), (pixel) => pixel / 255);
  const { featuresNpy, labelsNpy } = trainingData();
  const features = featuresOf(parseNpy(featuresNpy), 1);
  const labels = labelsOf(parseNpy(labelsNpy), ROWS);
  const rounding = planRounding(surveyFeatures(features), null);
  const optimizer = { rate: TRAINING.learningRate, momentum: TRAINING.momentum, l2: 0 };
  return {
    digitCount: DIGITS_KNOWN,
    outputs: await model.run(rows, DIGITS_KNOWN),
    digitsNpy: (from, count) =>
      encodeNpy({ dtype: "U8", shape: [count, PIXELS], data: images.slice(from * PIXELS, (from + count) * PIXELS) }),
    featuresNpy,
    labelsNpy,
    weights: trainOnOneMachine({ kind: "logistic", features, labels, rounding, optimizer }, TRAINING.iterations),
  };
}

/** Points on either side of a plane through the origin. */
function trainingData() {
  const random = simulationRandom(7);
  const plane = Array.from({ length: COLUMNS }, () => random.uniform() - 0.5);
  const data = Float32Array.from({ length: ROWS * COLUMNS }, () => random.uniform() * 2 - 1);
  const labels = Int32Array.from({ length: ROWS }, (_, row) =>
    plane.reduce((sum, weight, column) => sum + weight * data[row * COLUMNS + column]!, 0) > 0 ? 1 : -1,
  );
  return {
    featuresNpy: encodeNpy({ dtype: "F32", shape: [ROWS, COLUMNS], data }),
    labelsNpy: encodeNpy({ dtype: "I32", shape: [ROWS], data: labels }),
  };
}
