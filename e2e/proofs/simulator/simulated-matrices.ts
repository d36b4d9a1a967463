/** Data for matrix jobs of a simulated run, and whether what came out is A times B. */
import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";

const [ROWS, INNER, COLUMNS] = [23, 17, 31];
/** Some sums need more than one chunk. */
const ENTRY_MAX = 9_000;

export interface SimulatedMatrices {
  readonly leftNpy: Uint8Array;
  readonly rightNpy: Uint8Array;
  /** ROWS x COLUMNS */
  readonly product: Float64Array;
}

export function simulatedMatrices(seed: number): SimulatedMatrices {
  const random = simulationRandom(seed + 29);
  const numbers = (count: number) =>
    Int32Array.from({ length: count }, () => random.integer(2 * ENTRY_MAX) - ENTRY_MAX);
  const [left, right] = [numbers(ROWS * INNER), numbers(INNER * COLUMNS)];
  const product = Float64Array.from({ length: ROWS * COLUMNS }, (_, at) => {
    const [r, c] = [Math.floor(at / COLUMNS), at % COLUMNS];
    let sum = 0;
    for (let i = 0; i < INNER; i++) sum += left[r * INNER + i]! * right[i * COLUMNS + c]!;
    return sum;
  });
  return {
    leftNpy: encodeNpy({ dtype: "I32", shape: [ROWS, INNER], data: left }),
    rightNpy: encodeNpy({ dtype: "I32", shape: [INNER, COLUMNS], data: right }),
    product,
  };
}

export interface ProductOutcome {
  readonly jobId: string;
  readonly state: string;
  readonly waitingFor: string | null;
  /** null: there is no product. */
  readonly isExact: boolean | null;
}

export function productOutcome(
  { product: expected }: SimulatedMatrices,
  { jobId, state, waitingFor }: MatmulJobView,
  got: Float64Array | null,
): ProductOutcome {
  const isExact =
    got === null ? null : got.length === expected.length && expected.every((value, i) => value === got[i]);
  return { jobId, state, waitingFor, isExact };
}
