/** Data for regressions of a simulated run, and whether what came out is what one machine gets. */
import { runPlanOf } from "../../../server/coded/core/run-lifecycle.ts";
import { runCheckpoint } from "../../../server/coded/records.ts";
import { trainingInput } from "../../../server/kinds/regression/engine/training-data.ts";
import type { RegressionRecord } from "../../../server/kinds/regression/records.ts";
import type { CheckpointRecord } from "../../../server/store/job-record.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { trainOnOneMachine } from "../scenarios/regression-reference.ts";

const ROWS = 41;
const COLUMNS = 13;

export interface SimulatedTraining {
  readonly featuresNpy: Uint8Array;
  readonly labelsNpy: Uint8Array;
}

/** Real-valued features of either sign, sizes that no K divides, labels -1 and 1. */
export function simulatedTraining(seed: number): SimulatedTraining {
  const random = simulationRandom(seed + 23);
  const truth = Float64Array.from({ length: COLUMNS }, () => normal(random));
  const features = new Float64Array(ROWS * COLUMNS);
  const labels = new Int32Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    let score = 0;
    for (let j = 0; j < COLUMNS; j++) {
      features[row * COLUMNS + j] = normal(random);
      score += features[row * COLUMNS + j]! * truth[j]!;
    }
    labels[row] = score + 0.5 * normal(random) > 0 ? 1 : -1;
  }
  return {
    featuresNpy: encodeNpy({ dtype: "F64", shape: [ROWS, COLUMNS], data: features }),
    labelsNpy: encodeNpy({ dtype: "I32", shape: [ROWS], data: labels }),
  };
}

export interface TrainingOutcome {
  readonly jobId: string;
  readonly scheme: string;
  readonly state: string;
  readonly endKind: string | null;
  readonly waitingFor: string | null;
  readonly iterations: number;
  readonly liarsNamed: readonly string[];
  /** Bit for bit the weights of one machine after as many iterations; null where nothing is verified, or there are none. */
  readonly isExact: boolean | null;
}

export function trainingOutcome(
  data: SimulatedTraining,
  job: RegressionRecord,
  waitingFor: string | null,
  checkpoint: CheckpointRecord | null,
): TrainingOutcome {
  const { submission, splitSeed, inputScale, rounding = null, progress } = job;
  const { model: kind, validationShare, learningRate: rate, momentum, l2 } = submission;
  const files = { ...data, kind, validationShare, splitSeed, inputScale, rounding };
  let isExact: boolean | null = null;
  if (checkpoint !== null && runPlanOf(job).isVerified) {
    const { features, labels } = trainingInput(files);
    const { iteration, arrays } = runCheckpoint(checkpoint).current;
    const weights = arrays.weights!;
    const expected = trainOnOneMachine(
      { kind, features, labels, rounding, optimizer: { rate, momentum, l2 } },
      iteration,
    );
    isExact = expected.length === weights.length && expected.every((value, i) => value === weights[i]);
  }
  return {
    jobId: job.jobId,
    scheme: submission.scheme,
    state: job.state,
    endKind: job.endKind,
    waitingFor,
    iterations: progress.iteration,
    liarsNamed: progress.liars.map(({ volunteerId }) => volunteerId),
    isExact,
  };
}
