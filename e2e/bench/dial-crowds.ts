/** Crowds for the dial, drawn from a seed: how many, how fast, how steady, how honest; and the small model that they run. */
import { packDenseModel } from "../../shared/compute/runtimes/tfjs/dense-model.ts";
import { exponential, normal, randomAt, simulationRandom } from "../../shared/random/simulation-random.ts";
import { HONEST, type TabFaults } from "../crowd/tab-faults.ts";

export interface DrawnCrowd {
  readonly seed: number;
  readonly tabs: readonly TabFaults[];
  readonly queryCount: number;
  /** Queries of the job before, from which the crowd is known. */
  readonly firstCount: number;
  /** What was drawn, in words. */
  readonly name: string;
}

const TABS_MIN = 4;
const TABS_MAX = 20;
/** Milliseconds of one row on the typical tab of a crowd. */
const ROW_MS_MIN = 60;
const ROW_MS_MAX = 300;
const BATCH_MS_FIXED = 10;
const LOG_SPEED_DEVIATION = 0.4;
const LOG_JITTER_DEVIATION = 0.08;
const SLOW_SHARES = [0, 0.05, 0.1, 0.2];
const SLOW_FACTOR_MIN = 3;
const SLOW_FACTOR_MAX = 8;
/** Half of the crowds come and go. */
const STAYS_MS_MEAN = 40_000;
const LIARS_MAX = 2;
const QUERIES_PER_TAB_MIN = 40;
const QUERIES_PER_TAB_MAX = 400;
/** The job before is none that the coordinator computes alone. */
const FIRST_QUERIES_PER_TAB = 40;
const FIRST_QUERIES_MIN = 400;
/** Of liars every second one is honest for so many batches: it is found in the job that is measured, if at all. */
const SLEEPS_FOR_MIN = 10;
const SLEEPS_FOR_MAX = 30;

const CROWD_DRAW = 90;
const TAB_DRAW = 91;
const BATCH_DRAW = 92;
const INPUT_SIZE = 8;
const CLASSES = 4;
const HIDDEN = 6;
const MODEL_SEED = 93;

export function dialCrowd(seed: number): DrawnCrowd {
  const random = randomAt(seed, CROWD_DRAW);
  const count = TABS_MIN + random.integer(TABS_MAX - TABS_MIN + 1);
  const rowMs = ROW_MS_MIN + (ROW_MS_MAX - ROW_MS_MIN) * random.uniform();
  const slowShare = SLOW_SHARES[random.integer(SLOW_SHARES.length)]!;
  const staysMsMean = random.uniform() < 0.5 ? STAYS_MS_MEAN * (1 + 3 * random.uniform()) : null;
  const hasMute = count >= 8 && random.uniform() < 0.3;
  const liars = count >= 8 ? random.integer(LIARS_MAX + 1) : 0;
  const perTab = Math.round(QUERIES_PER_TAB_MIN * (QUERIES_PER_TAB_MAX / QUERIES_PER_TAB_MIN) ** random.uniform());
  const tabs = Array.from({ length: count }, (_, tab): TabFaults => {
    const speed = Math.exp(LOG_SPEED_DEVIATION * normal(randomAt(seed, TAB_DRAW, tab)));
    return {
      ...HONEST,
      isMute: hasMute && tab === 0,
      addressPrefix: `10.0.${tab}`,
      leavesOut: true,
      isLiar: tab > 0 && tab <= liars,
      ...(tab === 2 && { sleepsFor: SLEEPS_FOR_MIN + random.integer(SLEEPS_FOR_MAX - SLEEPS_FOR_MIN + 1) }),
      staysMsMean,
      computeTime: {
        fixedMs: BATCH_MS_FIXED,
        rowMs: rowMs * speed,
        factors: [
          { kind: "log-normal", deviation: LOG_JITTER_DEVIATION },
          { kind: "slow", share: slowShare, least: SLOW_FACTOR_MIN, most: SLOW_FACTOR_MAX },
        ],
        draw: BATCH_DRAW,
      },
    };
  });
  const comesAndGoes = staysMsMean === null ? "stays" : "comes and goes";
  const name = `${count} tabs, ${slowShare} slow, ${liars} lying, ${hasMute ? "1 silent, " : ""}${comesAndGoes}`;
  return {
    seed,
    tabs,
    queryCount: count * perTab,
    firstCount: Math.max(FIRST_QUERIES_MIN, count * FIRST_QUERIES_PER_TAB),
    name,
  };
}

/** Two dense layers with fixed weights. */
export function dialModel(): Uint8Array {
  const random = simulationRandom(MODEL_SEED);
  const weights = (count: number) => Float32Array.from({ length: count }, () => normal(random));
  return packDenseModel([
    { kernel: weights(INPUT_SIZE * HIDDEN), bias: weights(HIDDEN), activation: "relu" },
    { kernel: weights(HIDDEN * CLASSES), bias: weights(CLASSES), activation: "linear" },
  ]);
}

/** @returns count x INPUT_SIZE */
export function dialQueries(seed: number, count: number): Float32Array {
  const random = simulationRandom(seed + 7);
  return Float32Array.from({ length: count * INPUT_SIZE }, () => normal(random) + exponential(random, 0.1));
}

export const DIAL_INPUT_SIZE = INPUT_SIZE;
