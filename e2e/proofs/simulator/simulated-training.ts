/** Data for regressions of a simulated run, and whether what came out is what one machine gets. */
import { runPlanOf } from "../../../server/coded/core/run-lifecycle.ts";
import type { EngineJob } from "../../../server/coded/engine/kind-numerics.ts";
import { runCheckpoint } from "../../../server/coded/records.ts";
import type { RegressionRecord } from "../../../server/kinds/regression/records.ts";
import type { CheckpointRecord } from "../../../server/store/job-record.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { trainAlone } from "../scenarios/regression-reference.ts";

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

/** @param engineJob what the engine of this job is made for */
export function trainingOutcome(
  engineJob: EngineJob,
  job: RegressionRecord,
  waitingFor: string | null,
  checkpoint: CheckpointRecord | null,
): TrainingOutcome {
  const { submission, progress } = job;
  let isExact: boolean | null = null;
  if (checkpoint !== null && runPlanOf(job).isVerified) {
    const { iteration, arrays } = runCheckpoint(checkpoint).current;
    const weights = arrays.weights!;
    const expected = trainAlone(engineJob, iteration);
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
