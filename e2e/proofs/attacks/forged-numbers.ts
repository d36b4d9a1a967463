/** Tabs that add noise to scores (0 to 1) beside which boxes (0 to 640) stand in the same row, as detectors give them. */

import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { normal, randomAt, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE } from "../../../shared/verify/compare-rows.ts";
import { drawLiars } from "../../crowd/liars.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../../crowd/tab-faults.ts";
import { tabOf } from "../../crowd/tab-names.ts";
import { runJobs } from "../simulator/run-jobs.ts";
import type { AttackOptions, AttackReport } from "./attack-report.ts";

const [TABS, LIARS] = [9, 3];
const [INPUT_SIZE, HIDDEN] = [64, 32];
/** A row: so many boxes, then scores. */
const [BOXES, SCORES] = [40, 160];
const SIZE = BOXES + SCORES;
const BOX_MAX = 640;
/** A score above it is a detection. */
const DETECTED = 0.25;
/** By which a final score may be off where every bit is compared. */
const OFF_MAX = 1e-4;
const QUERIES = { short: 240, long: 1_200 };
const SEEDS = { short: 1, long: 5 };
const CODE = { scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0 } as const;
const ROLE_DRAW = 73;

/** What is added to each score: noise of that size, or as much as a thousandth of the row's boxes would hide, or of its scores. */
const STRENGTHS = [0.015, 0.001, "limit of boxes", "limit of scores"] as const;
type Strength = (typeof STRENGTHS)[number];
/** every: in all rows. half: in every other one, which no broken device does. */
type Rows = "every" | "half";

interface Forged {
  readonly name: string;
  readonly isFixed: boolean;
  readonly final: number;
  readonly answers: number;
  /** Of final answers: the largest error of a score, and detections that come or go. */
  readonly largestOff: number;
  readonly changed: number;
  /** What the job's view says. */
  readonly told: number;
  readonly liarsNamed: number;
  readonly honestNamed: number;
}

export async function forgedNumbers({ seed, isLong }: AttackOptions): Promise<AttackReport> {
  const form = isLong ? "long" : "short";
  const found: Forged[] = [];
  for (let of = seed; of < seed + SEEDS[form]; of++) {
    for (const backend of ["wasm", "webgl"] as const) {
      for (const strength of STRENGTHS) {
        for (const rows of ["every", "half"] as const)
          found.push(await crowd(QUERIES[form], { seed: of, backend, strength, rows }));
      }
    }
  }
  return {
    before:
      "noise of .015 in two tabs of six, of 1,200 rows with 800 scores: 397 were off by more than .02 and final, 2,432 detections changed, nobody was named",
    after: found.map(lineOf).join("\n         "),
    holds: found.every(doesHold),
  };
}

function doesHold({ isFixed, final, answers, largestOff, changed, told, honestNamed }: Forged): boolean {
  if (honestNamed > 0) return false;
  if (final < answers / 4) return false;
  // Of cards a row of more than usual size may be off by more than is told of usual ones.
  return isFixed ? largestOff <= OFF_MAX && changed === 0 : largestOff <= 3 * told;
}

function lineOf({ name, final, answers, largestOff, changed, told, liarsNamed, honestNamed }: Forged): string {
  return (
    `${name}: ${final} of ${answers} final, their scores off by at most ${largestOff.toPrecision(2)} (${told.toPrecision(2)} told), ` +
    `${changed} detections changed, ${liarsNamed} of ${LIARS} liars named, ${honestNamed} honest`
  );
}

async function crowd(
  queryCount: number,
  { seed, backend, strength, rows }: { seed: number; backend: "wasm" | "webgl"; strength: Strength; rows: Rows },
): Promise<Forged> {
  const bundle = detector();
  const random = simulationRandom(seed);
  const data = Float32Array.from({ length: queryCount * INPUT_SIZE }, () => normal(random));
  const truth = await (await createPlainRuntime().load(bundle)).run(data, queryCount);
  const liars = new Set(drawLiars(TABS, LIARS, randomAt(seed, ROLE_DRAW)));
  const noise = simulationRandom(seed + 1);
  const tabs = Array.from({ length: TABS }, (_, tab): TabFaults => {
    const honest = { ...HONEST, whenQuarantined: "stays away", backend } as const;
    if (!liars.has(tab)) return honest;
    return { ...honest, lie: (batch) => withNoise(batch, strength, rows, () => normal(noise)) };
  });
  const outcome = await runJobs({
    ...{ seed, tabs, bundle, jobs: [{ ...CODE, task: "regression", completion: "exact" }] },
    load: (bytes) => createPlainRuntime().load(bytes),
    queries: { dtype: "F32", shape: [queryCount, INPUT_SIZE], data },
  });
  const [{ answers, view }] = outcome.jobs as [(typeof outcome.jobs)[number]];
  const [sums, largest] = [{ final: 0, changed: 0 }, { off: 0 }];
  for (let query = 0; query < queryCount; query++) {
    if (answers.final[query] !== 1) continue;
    sums.final++;
    for (let at = query * SIZE + BOXES; at < (query + 1) * SIZE; at++) {
      largest.off = Math.max(largest.off, Math.abs(answers.outputs[at]! - truth[at]!));
      if (answers.outputs[at]! > DETECTED !== truth[at]! > DETECTED) sums.changed++;
    }
  }
  const named = outcome.volunteers.filter(({ quarantine }) => quarantine !== null);
  const liarsNamed = named.filter(({ volunteerId }) => liars.has(tabOf(volunteerId))).length;
  const { webAssembly, others } = view.errors ?? { webAssembly: Number.NaN, others: [] };
  const isFixed = backend === "wasm";
  // Boxes come first.
  const ofScores = Math.max(0, ...others.slice(1).map(({ error }) => error));
  return {
    name: `seed ${seed}, ${backend}, ${strength}, in ${rows === "every" ? "every row" : "half of the rows"}`,
    ...{ isFixed, answers: queryCount, ...sums, largestOff: largest.off, liarsNamed },
    told: isFixed ? webAssembly : ofScores,
    honestNamed: named.length - liarsNamed,
  };
}

/** Noise of less than a thousandth of the row's boxes, which is what hid it. */
function withNoise(
  { outputs, rowCount }: HonestBatch,
  strength: Strength,
  rows: Rows,
  draw: () => number,
): Float32Array {
  const said = outputs.slice();
  for (let row = 0; row < rowCount; row++) {
    if (rows === "half" && row % 2 === 1) continue;
    const numbers = said.subarray(row * SIZE, (row + 1) * SIZE);
    const most = INSIDE * rmsOf(strength === "limit of scores" ? numbers.subarray(BOXES) : numbers);
    for (let c = BOXES; c < SIZE; c++) {
      const by =
        typeof strength === "string" ? most * Math.sign(draw()) : Math.max(-most, Math.min(most, strength * draw()));
      numbers[c] = Math.min(1, Math.max(0, numbers[c]! + by));
    }
  }
  return said;
}

const INSIDE = 0.98 * PRECISION_TOLERANCE.float32;

function rmsOf(numbers: Float32Array): number {
  return Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length);
}

/** Sigmoids, of which the first are stretched to pixels; most scores are small, as most boxes hold nothing. */
function detector(): Uint8Array {
  const random = simulationRandom(3);
  const weights = (count: number, by: number) => Float32Array.from({ length: count }, () => by * normal(random));
  const stretched = new Float32Array(SIZE * SIZE);
  for (let c = 0; c < SIZE; c++) stretched[c * SIZE + c] = c < BOXES ? BOX_MAX : 1;
  return packDenseModel([
    { kernel: weights(INPUT_SIZE * HIDDEN, 0.2), bias: weights(HIDDEN, 0.1), activation: "tanh" },
    {
      kernel: weights(HIDDEN * SIZE, 0.6),
      bias: Float32Array.from({ length: SIZE }, (_, c) => (c < BOXES ? 0 : -2)),
      activation: "sigmoid",
    },
    { kernel: stretched, bias: new Float32Array(SIZE), activation: "linear" },
  ]);
}
