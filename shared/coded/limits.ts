/** Limits of coded runs. */
const MIB = 1024 * 1024;

/** Small shards that one volunteer may hold: beyond it messages cost more than the products. */
export const CODED_SHARDS_PER_VOLUNTEER_MAX = 16;
/** Shards of one encoding, spares and joined volunteers included. */
export const CODED_SHARDS_MAX = 1_024;
/** Both shards of one evaluation point: what one download to a tab may be. */
export const CODED_SHARD_BYTES_MAX = 512 * MIB;
/** The data in 4 bytes an element; the coordinator holds it twice (also transposed). */
export const CODED_DATA_BYTES_MAX = 1024 * MIB;
/** Coded runs at work: each holds its data several times over, and a thread. */
export const CODED_JOBS_ACTIVE_MAX = 8;
/** What those of one kind hold together: four of the largest. */
export const CODED_JOBS_DATA_BYTES_MAX = 24 * 1024 * MIB;
/** Checkpoints of one job: each writes its weights and its whole history. */
export const CODED_CHECKPOINTS_MAX = 200;
export const CODED_ITERATIONS_PER_CHECKPOINT_MIN = 5;
