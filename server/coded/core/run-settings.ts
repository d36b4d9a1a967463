/** What decides when a coded run changes its code or stops. Each with its reason; counts of rounds or iterations. */

/** A volunteer straggles in a round where it takes so many times the median. */
export const STRAGGLE_FACTOR = 2;
/**
 * Straggling rounds in a row until it counts as a straggler: a slow answer now and then is no reason to move data. Where every
 * response is half constant and half exponential, one in eleven takes twice the median, and four in a row one in 15,000.
 */
export const SLOW_AFTER_ROUNDS = 4;
/**
 * Rounds in a row that did without its answer, though nobody had to wait: at least so many, and so many that an equally fast
 * one would miss all of them with this probability at most. Of 12 where 9 are needed, one misses 8 with (1/4)^8 = 2e-5.
 */
export const SLOW_AFTER_MISSED_ROUNDS = 8;
export const MISSED_BY_CHANCE_MAX = 1e-4;
/** Prompt rounds in a row until it is no straggler any more. */
export const PROMPT_AFTER_ROUNDS = 3;

/** Whoever leaves may be reloading: so long its shards count as at work before data moves because of it. */
export const RETURN_GRACE_MS = 10_000;

/** Too few are here: so long a job waits for others before it begins with them. Opening a page and answering its probe takes some seconds. */
export const SMALL_CROWD_MS = 30_000;

/** Iterations in a row with slack beyond the plan's S+M until K grows again. */
export const GROW_AFTER_ITERATIONS = 5;
/** Shards over those of the plan that joining volunteers are given. */
export const SHARD_SURPLUS_MAX = 2;
/**
 * Times the average number of shards that one volunteer holds at most, where each holds several (GR13). In a crowd of sixteen whose speeds are
 * a hundredfold apart the fastest is worth 4.3 times the average: with 2 in place of 4 no run could use more than .56 of the sum of their speeds. A
 * volunteer that holds so many and leaves takes more than the code's slack with it; then the code shrinks (GR10).
 */
export const SHARDS_TIMES_AVERAGE_MAX = 4;
/** Failed products in a row (no answer of the right shape) after which a volunteer is asked no more. */
export const FAILURES_IN_ROW_MAX = 3;

/** A loss so many times the first one, for so many iterations, is divergence; a few iterations of it may be a large first step. */
export const DIVERGED_LOSS_RATIO = 10;
export const DIVERGED_ITERATIONS = 10;
/** And so large a one is divergence at once. */
export const DIVERGED_AT_ONCE_RATIO = 1e6;

export interface RunSettings {
  readonly iterations: number;
  /** Weights are made durable after every so many iterations; they are small beside the data. */
  readonly checkpointEvery: number;
  /** Stop after so many iterations without a better loss (of validation rows where there are any); null: never. */
  readonly patience: number | null;
  /** A better loss is better by this share. */
  readonly improvementLeast: number;
  /** Shards at unused points that are encoded ahead, for whoever joins. */
  readonly spareShards: number;
  /** Of X and of its transpose, as they are coded: shards that one volunteer holds have to fit its tab. 0: they always do. */
  readonly codedBytes: number;
  /** A matrix job: each iteration is one forward product (a slice of B), which the master takes in by `link`. */
  readonly isForwardOnly: boolean;
}

export const RUN_SETTINGS_DEFAULT: RunSettings = {
  iterations: 50,
  checkpointEvery: 5,
  patience: null,
  improvementLeast: 1e-4,
  spareShards: 0,
  codedBytes: 0,
  isForwardOnly: false,
};
