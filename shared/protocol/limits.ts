/**
 * Every size, count and time that has a limit, in one file, the unit last in the name, the reason above it.
 * Imports nothing.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Raised when a message changes its meaning; a tab of another version is told to upgrade. */
export const PROTOCOL_VERSION = 1;

// --- sockets -----------------------------------------------------------------------------------------------------
/** One Socket.IO message. A result up to RESULT_INLINE_BYTES_MAX plus its envelope must fit. */
export const SOCKET_MESSAGE_BYTES_MAX = 1 * MIB + 64 * KIB;
/** Larger results go by HTTP PUT. */
export const RESULT_INLINE_BYTES_MAX = 1 * MIB;
/** Larger inputs are fetched with GET: cacheable, and no socket is held up by them. */
export const INPUT_INLINE_BYTES_MAX = 64 * KIB;
/** A tab that has not proved its key by then is closed. */
export const HANDSHAKE_MS_MAX = 10_000;
export const NONCE_BYTES = 32;
/** Sockets that have not proved their key yet; beyond it new ones are turned away at the upgrade. */
export const HANDSHAKES_PENDING_MAX = 500;
export const SESSIONS_MAX = 5_000;
export const SESSIONS_PER_VOLUNTEER_MAX = 8;

// --- uploads -----------------------------------------------------------------------------------------------------
export const MODEL_BYTES_MAX = 256 * MIB;
export const MODEL_JSON_BYTES_MAX = 16 * MIB;
export const MODEL_JSON_DEPTH_MAX = 64;
export const MODEL_MACS_PER_QUERY_MAX = 20e9;
export const MODEL_OUTPUT_SIZE_MAX = 65_536;
/** Elements between two layers, for one query: 64 MiB of float32. */
export const MODEL_ACTIVATION_SIZE_MAX = 16 * MIB;
export const TENSOR_BYTES_MAX = 512 * MIB;
export const TENSOR_RANK_MAX = 8;
/** Header of a tensor frame: what names and shapes need many times over, and far from a memory bomb. */
export const FRAME_HEADER_BYTES_MAX = 16 * KIB;
export const FRAME_TENSORS_MAX = 64;
/** Text header of a `.npy` file; numpy's own reader stops at about 10,000 characters too. */
export const NPY_HEADER_BYTES_MAX = 10_000;
export const NAME_LENGTH_MAX = 80;
/** Weight files of one model: tfjs writes one per 4 MiB. */
export const MODEL_FILES_MAX = 128;
/** An uploaded body is held in memory until it is checked; so many bytes of them at once, then 503. */
export const UPLOAD_BYTES_IN_FLIGHT_MAX = 1024 * MIB;
/** POST /api/jobs: a few settings as JSON. */
export const SUBMISSION_BYTES_MAX = 64 * KIB;
/** A request's header must be in by then, and its whole body by the second: a slow link may send 512 MiB. */
export const REQUEST_HEADERS_MS_MAX = 10_000;
export const REQUEST_MS_MAX = 600_000;
export const ANSWERS_PER_PAGE_MAX = 1_000;

// --- jobs --------------------------------------------------------------------------------------------------------
export const JOBS_ACTIVE_MAX = 100;
export const QUERIES_PER_JOB_MAX = 1_000_000;
export const QUERIES_PER_GROUP_MAX = 64;
export const WORKERS_PER_ROUND_MAX = 256;
export const GROUPS_PER_ROUND_MAX = 1_024;
export const ROUNDS_IN_FLIGHT_MAX = 64;
/** Answers of one job: queries times outputs, float32. */
export const ANSWER_BYTES_PER_JOB_MAX = 512 * MIB;
/** Queries, models and answers of all jobs at work together. */
export const JOBS_DATA_BYTES_MAX = 4096 * MIB;
/** One batch must fit a tab's memory and one upload. A session holds one at a time: this bounds its bytes in flight. */
export const BATCH_BYTES_MAX = 64 * MIB;

/** Decode matrices that one scheme keeps, one per set of arrived workers; at the largest K and N each is 128 KiB. */
export const DECODE_MATRICES_HELD_MAX = 128;

// --- gradients -----------------------------------------------------------------------------------------------------
/** Full-batch gradient descent: thousands of iterations are many, and each is two rounds of the crowd. */
export const GRADIENT_ITERATIONS_MAX = 10_000;
/** Softmax classes: products are shards times thin matrices of this width. */
export const GRADIENT_CLASSES_MAX = 256;
/** Small shards that one volunteer may hold: beyond it messages cost more than the products. */
export const GRADIENT_SHARDS_PER_VOLUNTEER_MAX = 16;
/** Shards of one encoding, spares and joined volunteers included. */
export const GRADIENT_SHARDS_MAX = 1_024;
/** Both shards of one evaluation point: what one download to a tab may be. */
export const GRADIENT_SHARD_BYTES_MAX = 512 * MIB;
/** X in 4 bytes an element; the coordinator holds it twice (also transposed). */
export const GRADIENT_DATA_BYTES_MAX = 1024 * MIB;

// --- back-pressure: bytes of inputs and results that are on their way or held, not yet answered ---------------------
export const BYTES_IN_FLIGHT_PER_JOB_MAX = 256 * MIB;
export const BYTES_IN_FLIGHT_TOTAL_MAX = 1024 * MIB;
/** Numerics tasks that may wait or run before dispatch stops. */
export const NUMERICS_PENDING_MAX = 64;
export const STORE_PENDING_MAX = 64;

// --- time --------------------------------------------------------------------------------------------------------
/** A deadline is measured (SPEC.md AS5); it never falls below this, for timers and garbage collectors are not exact. */
export const ASSIGNMENT_DEADLINE_MS_MIN = 500;
/** And before anything is measured, or for whatever is slower than all bounds, it is this. */
export const ASSIGNMENT_DEADLINE_MS_MAX = 60_000;
/** After its deadline an assignment may still be answered for so many deadlines more; then it is void. */
export const LATE_FACTOR_MAX = 10;
/** A tab that does not answer its first probe by then is closed. */
export const PROBE_MS_MAX = 60_000;

// --- audits ------------------------------------------------------------------------------------------------------
/** Share of a batch's rows that is recomputed at random, at least one row (MATH: every batch, not every twentieth). */
export const AUDIT_ROW_SHARE = 0.05;
/** Audits at the end of a job that bring a volunteer's record to the job's bound; beyond it answers are not final. */
export const AUDIT_TOP_UP_SHARE_MAX = 0.5;
/** Share of liars that bounds assume even where none has been seen. */
export const LIAR_SHARE_FLOOR = 0.1;
/** Chance that an answer is wrong, below which it is final, unless the job says otherwise. */
export const ANSWER_BOUND_DEFAULT = 1e-3;

// --- tabs --------------------------------------------------------------------------------------------------------
/** Loaded models that a compute thread keeps, by the size of their bundles; the least recently used goes first. */
export const TAB_MODEL_CACHE_BYTES_MAX = 512 * MIB;
/** Choosing a back-end: shader compilation on a slow machine is the long part. */
export const TAB_CALIBRATION_MS_MAX = 60_000;
export const TAB_MODEL_LOAD_MS_MAX = 60_000;
/** A batch that runs longer is taken for dead: its thread is ended and started afresh. */
export const TAB_RUN_MS_MAX = 120_000;
/** A blob download or a result upload, from first to last byte. */
export const TAB_TRANSFER_MS_MAX = 120_000;
/** For the acknowledgement of a result; the connection is checked by other means, so this may be generous. */
export const TAB_RESULT_ACK_MS_MAX = 30_000;
/** Waiting before a new connection doubles from the first to the second, with jitter. */
export const TAB_RECONNECT_MS_MIN = 500;
export const TAB_RECONNECT_MS_MAX = 15_000;
/** Pieces of work that the worker page lists. */
export const TAB_HISTORY_LENGTH_MAX = 50;
