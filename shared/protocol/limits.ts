/**
 * Every size, count and time that has a limit, in one file, the unit last in the name, the reason above it. Limits of one kind of
 * job stand in its folder, those of coded runs in shared/coded. Imports nothing.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Raised when a message changes its meaning; a tab of another version is told to upgrade. */
export const PROTOCOL_VERSION = 7;

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
/** Sockets that have not proved their key yet; beyond it new ones wait. */
export const HANDSHAKES_PENDING_MAX = 2_000;
/** Sockets that wait to begin that, each of which is little more than its connection: as many tabs as there are places, all after a restart. */
export const HANDSHAKES_WAITING_MAX = 10_000;
/** Whoever has waited for so long is turned away: its tab gives up soon, 2 * HANDSHAKE_MS_MAX after it began. */
export const HANDSHAKE_WAIT_MS_MAX = 15_000;
/**
 * Connections that the kernel holds until the event loop takes them, as far as the kernel's own limit lets it (net.core.somaxconn). By itself Node asks for
 * 511; of thousands of tabs that come in the same second all others then try again after 1, 3, 7 and 15 s.
 */
export const CONNECTIONS_HELD_MAX = HANDSHAKES_WAITING_MAX;
/** Of one network: a class that opens its tabs together, and too few to keep everybody else waiting. */
export const HANDSHAKES_PENDING_PER_PREFIX_MAX = 100;
/** A socket that we close is cut if the other side has not closed it too by then. */
export const SOCKET_CLOSE_MS_MAX = 2_000;
/**
 * As many as were held by a real process, worked for it, and came back to it after a kill, at about 45 KiB of memory each
 * (docs/scaling.md). What a batch costs does not grow with them (SPEC.md EV5); a larger number is to be measured first.
 */
export const SESSIONS_MAX = 10_000;
export const SESSIONS_PER_VOLUNTEER_MAX = 8;
/** Further sessions of one volunteer, for its further threads, are let in while so much of all places, and of its network's, is taken: the rest is for others. */
export const FURTHER_SESSIONS_SHARE_MAX = 1 / 2;
/**
 * Of one network (IPv4 /24, IPv6 /48): a large school behind one address, and a tenth of all places. A session computes one assignment at a
 * time.
 */
export const SESSIONS_PER_PREFIX_MAX = 1_000;
/** Upgrades from one address in a minute: a class that reloads together, twice. */
export const HANDSHAKES_PER_MINUTE_MAX = 240;
/** Messages of one session in ten seconds: many small shards at full speed stay far below. */
export const SESSION_MESSAGES_PER_10_S_MAX = 4_000;
/**
 * A tab is asked so often whether it is still there, and is gone if it does not say so in time: half-open sockets. Of ten thousand tabs
 * that do nothing this is all that they cost: a write and a read each time (docs/scaling.md).
 */
export const PING_EVERY_MS = 30_000;
/** Less often of a tab that comes while so many are connected; proxies that close what is silent for a minute, as nginx does unless it is told otherwise, hear it in time. */
export const CROWD_PING_EVERY_MS = 55_000;
export const CROWD_SESSIONS_MIN = 1_000;
export const PONG_MS_MAX = 20_000;

// --- uploads -----------------------------------------------------------------------------------------------------
/**
 * All files of a model together. Of ONNX weights of 960 MiB a process of the coordinator and one of Chromium for a tab took 2.6 GiB each (measured), of
 * the 4 that WebAssembly can address; which tabs can hold a model is another matter (TAB_MEMORY_BYTES_MAX).
 */
export const MODEL_BYTES_MAX = 1024 * MIB;
/** Files of a model that are kept as they came, to be compared with what packing made of them: larger ones are not, and the job says so. */
export const MODEL_SOURCE_BYTES_MAX = 256 * MIB;
/** Rows of a job on which a model is compared with its files as they came, and rows that are drawn for it at the upload. */
export const SOURCE_ROWS_MAX = 4;
/** Weights of a tfjs model, of which every reader makes several copies: what any tab holds. */
export const MODEL_TFJS_BYTES_MAX = 336 * MIB;
/** A model of this size or more travels in pieces: one that breaks off on the way is fetched on from where it was. */
export const MODEL_IN_PIECES_BYTES_MIN = 32 * MIB;
export const MODEL_PIECE_BYTES = 8 * MIB;
/** Pieces that were compressed for tabs and are kept in memory for the next one. */
export const PACKED_PIECES_BYTES_MAX = 64 * MIB;
export const MODEL_JSON_BYTES_MAX = 16 * MIB;
export const MODEL_JSON_DEPTH_MAX = 64;
/** Nodes of an ONNX graph: ten times those of a ResNet-152. */
export const MODEL_NODES_MAX = 10_000;
/** Tensors that an ONNX file brings along: a few for each node. */
export const MODEL_TENSORS_MAX = 40_000;
/** Each is looked through on its own at the upload: many times those of any network that people made. */
export const MODEL_OUTPUTS_MAX = 256;
/** Versions of ONNX's standard operators whose rules are known here; 7 is of 2018 and the first that broadcasts as today. */
export const ONNX_OPSET_MIN = 7;
export const ONNX_OPSET_MAX = 24;
/** Branches within branches, whose conditions are constants, and loops within loops. */
export const ONNX_BRANCH_DEPTH_MAX = 8;
/** Turns of all loops of a graph, which are written out one after the other. */
export const ONNX_LOOP_TURNS_MAX = 1_024;
/** Tensors of a list that a graph makes. */
export const ONNX_LIST_ITEMS_MAX = 1_024;
/** Numbers of one constant that are followed (shapes, axes, indices), and items of one attribute. */
export const KNOWN_NUMBERS_MAX = 4_096;
/** Inputs, outputs or attributes of one ONNX node. */
export const ONNX_NODE_ENDS_MAX = 1_024;
/** A tensor's name in an ONNX file: exporters spell out the path of modules. */
export const ONNX_NAME_BYTES_MAX = 1_024;
/** Of a query's whole numbers: rows are float32, which holds all of them up to here. Vocabularies are far smaller. */
export const WHOLE_NUMBER_MAX = 2 ** 24;
/** Of a dimension that a file leaves free: the length of a text, the height of a picture. */
export const INPUT_SIZE_MAX = 65_536;
export const MODEL_MACS_PER_QUERY_MAX = 20e9;
/** Numbers of one answer: 16 MiB. A YOLO head has 705,600, a segmentation of 512 x 512 into 16 classes all of them. */
export const MODEL_OUTPUT_SIZE_MAX = 4 * MIB;
/** Elements between two layers, for one query: 64 MiB of float32. */
export const MODEL_ACTIVATION_SIZE_MAX = 16 * MIB;
/** An array that is held in memory, and looked at as one: all but the queries of an inference job. */
export const TENSOR_BYTES_MAX = 512 * MIB;
/** An array that goes to disk as it comes and is read by rows: the queries of an inference job. */
export const TENSOR_FILE_BYTES_MAX = 4096 * MIB;
/** Smaller queries are read once and held; larger ones are read from their file, row by row as they go out. */
export const QUERIES_HELD_BYTES_MAX = 32 * MIB;
export const TENSOR_RANK_MAX = 8;
/** Header of a tensor frame: what names and shapes need many times over, and far from a memory bomb. */
export const FRAME_HEADER_BYTES_MAX = 16 * KIB;
export const FRAME_TENSORS_MAX = 64;
/** Text header of a `.npy` file; numpy's own reader stops at about 10,000 characters too. */
export const NPY_HEADER_BYTES_MAX = 10_000;
export const NAME_LENGTH_MAX = 80;
/** A sentence or two on what a job is for. */
export const PURPOSE_LENGTH_MAX = 280;
/** A command line that asks for the same job, word by word: it goes with a submission. */
export const ASKED_WORDS_MAX = 256;
export const ASKED_BYTES_MAX = 16 * KIB;
/** Names of a job's rows, or its texts, and names of its labels, as JSON: an upload of its submitter. A million names of files take 40 MiB. */
export const KEPT_NAMES_BYTES_MAX = 128 * MIB;
/** Weight files of one model: tfjs writes one per 4 MiB. */
export const MODEL_FILES_MAX = 128;
/** Queries of a stream, rows to predict and large results are held in memory until they are checked: so many bytes of them at once, then 503. */
export const UPLOAD_BYTES_IN_FLIGHT_MAX = 1024 * MIB;
/** Models go to the disk as they come: so many bytes of them at once. */
export const MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX = 4096 * MIB;
/** POST /api/jobs: a few settings as JSON. */
export const SUBMISSION_BYTES_MAX = 64 * KIB;
/** Names of a table's columns, all of them as JSON: they go with a submission. */
export const COLUMN_NAMES_BYTES_MAX = 48 * KIB;
export const COLUMN_NAME_LENGTH_MAX = 200;
/** Levels of a column of categories: each becomes a column of the coded data. A column of more different words is a name or a text. */
export const TABLE_LEVELS_MAX = 100;
/** The length of levels and names of labels: longer cells are texts. */
export const TABLE_LEVEL_LENGTH_MAX = 200;
/** A request's header must be in by then, and its whole body by the second: a slow link (7 Mbit/s) may send 4 GiB. */
export const REQUEST_HEADERS_MS_MAX = 10_000;
export const REQUEST_MS_MAX = 4_800_000;
/** [PR104] An answer that takes longer is given later, to clients that can ask again: proxies end what is silent for a minute. */
export const LATER_ANSWER_WAIT_MS = 20_000;
/** Such answers are kept for so long once they are there, and so many of each submitter. */
export const LATER_ANSWER_KEPT_MS = 600_000;
export const LATER_ANSWERS_HELD_MAX = 1_000;
/** Sockets whose header or body is overdue are looked for so often. */
export const OVERDUE_CHECK_MS = 2_000;
/** A connection that is kept open and sends nothing. */
export const KEEP_ALIVE_MS_MAX = 30_000;
/**
 * TCP connections in all: every tab has one, and so has every request of it for a while. As open files they are few enough for the limits that
 * docs/deploy sets (20,000).
 */
export const CONNECTIONS_MAX = 16_000;
/** Of one network: its tabs, and three requests of each at once. Three networks together still leave room for a fourth. */
export const CONNECTIONS_PER_PREFIX_MAX = 4_000;
/** A body must come at least this fast, counted over the window: who drips holds a share of the upload budget. */
export const UPLOAD_BYTES_PER_S_MIN = 4 * KIB;
export const UPLOAD_RATE_WINDOW_MS = 15_000;
/** While others find no room, an upload has to come this fast, counted over the window; the sender's link is looked at so often. */
export const UPLOAD_WAITED_BYTES_PER_S_MIN = 64 * KIB;
export const UPLOAD_WAITED_WINDOW_MS = 30_000;
export const UPLOAD_LOOK_MS = 5_000;
/** Nesting of a JSON body: settings are flat. */
export const SUBMISSION_DEPTH_MAX = 16;
export const ANSWERS_PER_PAGE_MAX = 1_000;
/** Outputs in one page of answers: as JSON some 10 MB. An answer of more is a page by itself. */
export const ANSWERS_PAGE_NUMBERS_MAX = 500_000;
/** What tabs did for one job, for its picture: the latest so many. About 250 kB of JSON. */
export const TIMELINE_SPANS_PER_JOB_MAX = 2_000;
/** Jobs of which that is kept; what began longest ago goes first. */
export const TIMELINE_JOBS_MAX = 50;
/** Of a `.zip` that is dropped on the form, once it is unpacked in memory. */
export const UNPACKED_BYTES_MAX = 1_000_000_000;
/** Jobs on one page of their list. */
export const JOB_LIST_ROWS_MAX = 100;
/** Tabs, or volunteers, on one page of theirs: some milliseconds of the event loop. */
export const CROWD_ROWS_MAX = 1_000;
/** Queries that the results page asks for at once, to show them beside their answers. */
export const QUERIES_PER_LOOK_MAX = 100;
/** A file that is looked through in the page before it is sent; larger ones are sent unseen. */
export const PREVIEW_FILE_BYTES_MAX = 128 * MIB;
/** A trial on the submitter's own machine: choosing how to compute, and a few rows. */
export const DRY_RUN_MS_MAX = 90_000;
/** So long a model runs on the submitter's own computer before its job is submitted, to say what that would take alone. */
export const HOME_TRIAL_MS = 1_000;
/** With loading it: then the job is submitted without that. */
export const HOME_TRIAL_MS_MAX = 20_000;
/** So long products are computed there, of a job that is one of matrices. */
export const HOME_PRODUCTS_MS = 200;
/** Its files, which are in memory then; a larger one is submitted without. */
export const HOME_TRIAL_MODEL_BYTES_MAX = 512 * MIB;
/** Cores that it runs on at once. */
export const HOME_TRIAL_THREADS_MAX = 16;
/** Submissions whose key is remembered with its answer; older ones are found by the id that their key made. */
export const SUBMISSION_KEYS_HELD_MAX = 1_000;
/** Requests in a minute of one token, or of one address without one. Loopback alone is not counted. */
export const REQUESTS_PER_MINUTE_MAX = 6_000;
/** Requests in a minute of one address that name no token, or a wrong one, where one is needed. */
export const REFUSALS_PER_MINUTE_MAX = 60;
/** Addresses and tokens whose rates are remembered; the least recently seen goes first. */
export const RATES_REMEMBERED_MAX = 20_000;

// --- submitters --------------------------------------------------------------------------------------------------
export const TOKENS_MAX = 10_000;
export const TOKEN_DAYS_MAX = 3_650;
/** Quotas of one submitter. The administrator's and a coordinator's without tokens are those of all together. */
export const JOBS_ACTIVE_PER_SUBMITTER_MAX = 20;
export const UPLOAD_BYTES_PER_SUBMITTER_MAX = 16 * 1024 * MIB;
/** An upload that no job refers to is kept so long; a job that has ended keeps its model and data so long. */
export const UPLOAD_RETENTION_DAYS = 7;

// --- as others' clients ask (/v1) ------------------------------------------------------------------------------------
/** Texts of one request, as OpenAI has it. */
export const V1_INPUTS_MAX = 2_048;
/** Tokens of one request, all texts together, as OpenAI has it. */
export const V1_REQUEST_TOKENS_MAX = 300_000;
/** One request for vectors: 2,048 texts of 8 KiB. */
export const V1_REQUEST_BYTES_MAX = 16 * MIB;
/** A request whose vectors are not there by then is given up, and may be asked again. */
export const V1_REQUEST_MS_MAX = 180_000;
/** Told to whoever asks while no tab is there, and while a job cannot begin. */
export const V1_RETRY_AFTER_S = 15;
/** One file of requests, as OpenAI has it. */
export const V1_FILE_BYTES_MAX = 200 * MIB;
/** Lines of one batch, as OpenAI has it: one text or several each, so many texts at most together. */
export const V1_BATCH_LINES_MAX = 50_000;
/** One line of it. */
export const V1_LINE_BYTES_MAX = 1 * MIB;
/** Lines that are told to be wrong, by number. */
export const V1_BATCH_ERRORS_MAX = 100;
/** Of one submitter: all files, those that batches wrote among them, and those of models. */
export const V1_BYTES_PER_SUBMITTER_MAX = 8 * 1024 * MIB;
export const V1_FILES_PER_SUBMITTER_MAX = 1_000;
export const V1_MODELS_MAX = 100;
/** Batches of one submitter that are at work. */
export const V1_BATCHES_ACTIVE_MAX = 4;
/** Things on one page of a list. */
export const V1_PAGE_MAX = 100;

// --- the coordinator's machine -----------------------------------------------------------------------------------
/** Blobs that nothing refers to go at the second collection that finds them so: the time between is their grace. */
export const COLLECTION_EVERY_MS = 3_600_000;
/** Below this much free disk nothing new is accepted: what was acknowledged needs room to be finished. */
export const DISK_FREE_BYTES_MIN = 256 * MIB;
export const DISK_CHECK_MS = 10_000;
/** How late the event loop runs, mean of the last seconds: beyond the first no new tab, beyond the second no new job. */
export const LOOP_LAG_SHED_TABS_MS = 250;
export const LOOP_LAG_SHED_JOBS_MS = 1_000;
/** The same for the share of the heap that is in use. */
export const HEAP_SHARE_SHED_TABS = 0.85;
export const HEAP_SHARE_SHED_JOBS = 0.93;
/** A stop waits so long for what tabs have in hand; what is not answered by then begins anew after the next start. */
export const DRAIN_MS_MAX = 8_000;
/** And so long for requests that are being answered; then they are cut off. */
export const CLOSE_MS_MAX = 5_000;
/** A signal after so long is a second one; sooner it is the first, which reaches a process by more than one way. */
export const SECOND_SIGNAL_MS_MIN = 2_000;
/** One line of the audit log. */
export const AUDIT_LINE_BYTES_MAX = 16 * KIB;

// --- jobs --------------------------------------------------------------------------------------------------------
export const JOBS_ACTIVE_MAX = 100;
/** What is kept of each query beside its answer takes some 60 bytes: a quarter of a gigabyte for the largest job. */
export const QUERIES_PER_JOB_MAX = 4_000_000;
/** A job of fewer rows is not shared out between coordinators unless its submitter says so: each part meets its newcomers by itself. */
export const PART_ROWS_MIN = 50_000;
export const PARTS_MAX = 64;
/**
 * Into so many parts for each coordinator that lives a large job is cut: they are taken one after the other, so that a coordinator with many tabs does more of
 * them. Each one more costs some hundred rows that are computed here.
 */
export const PARTS_UNASKED = 4;
/** Parts at work at one coordinator, beside jobs in one piece: of those nobody is kept away by somebody's parts. */
export const PARTS_ACTIVE_MAX = 100;
/** Parts that a submitter may ask for, for each coordinator that lives. */
export const PARTS_EACH_CELL_MAX = 8;
/** Answers of one job: queries times outputs, float32. */
export const ANSWER_BYTES_PER_JOB_MAX = 512 * MIB;
/** Queries, models and answers of all jobs at work together. */
export const JOBS_DATA_BYTES_MAX = 4096 * MIB;
/** One batch must fit a tab's memory and one upload. A session holds two at most: this bounds its bytes in flight. */
export const BATCH_BYTES_MAX = 64 * MIB;

// --- aims: a time or a budget in place of a code --------------------------------------------------------------------
/** Below a second timers, not codes, decide. */
export const AIM_MS_MIN = 1_000;
/** A month: longer than any crowd stays what it is. */
export const AIM_MS_MAX = 30 * 24 * 3_600_000;
/** As many multiply-adds as the largest job has, many times over. */
export const AIM_MACS_MAX = 1e18;
export const AIM_BYTES_MAX = 1e15;
/** Nine jobs of ten meet what was named. */
export const AIM_CONFIDENCE_DEFAULT = 0.9;

// --- streams: jobs to which queries are posted while they run --------------------------------------------------------
/** A group waits so long for its last query, unless the stream says otherwise: below what a person notices. */
export const STREAM_CLOSE_AFTER_MS_DEFAULT = 50;
/** Whoever may wait longer has a job. */
export const STREAM_CLOSE_AFTER_MS_MAX = 60_000;
/** Without a new query, and with nothing left to answer, a stream is closed; its answers stay. */
export const STREAM_IDLE_MS_DEFAULT = 600_000;
export const STREAM_IDLE_MS_MIN = 1_000;
export const STREAM_IDLE_MS_MAX = 7 * 24 * 3_600_000;
/** Answers of a stream that is cross-checked are final after so long, unless it says otherwise. */
export const STREAM_FINAL_WITHIN_MS_DEFAULT = 3_600_000;
export const STREAM_FINAL_WITHIN_MS_MIN = 60_000;
export const STREAM_FINAL_WITHIN_MS_MAX = 7 * 24 * 3_600_000;
/** Queries of one stream that are not answered yet; more are refused until some are. */
export const STREAM_UNANSWERED_MAX = 20_000;
/** Queries of one stream, however small. */
export const STREAM_QUERIES_MAX = 1_000_000;
/** Queries of one stream as they were posted, in memory and in the database. */
export const STREAM_QUERY_BYTES_MAX = 256 * MIB;
/** One POST of queries. Larger ones are no stream. */
export const STREAM_POST_BYTES_MAX = 8 * MIB;
/** Queries of one POST that are refused by name; of the others it says how many there were. */
export const STREAM_REFUSED_NAMED_MAX = 100;
/** Readers of one job's answers at once: each costs a look at every change. */
export const ANSWER_READERS_PER_JOB_MAX = 16;
export const ANSWER_READERS_MAX = 1_000;
/** Answers that a reader is sent before others get their turn. */
export const ANSWERS_PER_LOOK_MAX = 200;
/** A reader that takes nothing for so long is cut off; it goes on later from where it was. */
export const ANSWER_READER_STUCK_MS_MAX = 60_000;
/** A line of nothing now and then keeps proxies from closing the connection. */
export const ANSWER_READER_BEAT_MS = 15_000;

// --- shards and products -----------------------------------------------------------------------------------------------------
/** Invitations of a T-private job beyond the volunteers it needs: for those that drop out. */
export const INVITATIONS_SPARE_COUNT = 4;
/** Shards that a compute thread keeps, least recently used goes first. */
export const TAB_SHARD_CACHE_BYTES_MAX = 1024 * MIB;
/** A volunteer that has not fetched its shards by then, or not answered a product, is taken for gone. */
export const SHARD_FETCH_MS_MAX = 180_000;
export const PRODUCT_MS_MAX = 60_000;

// --- back-pressure: bytes of inputs and results that are on their way or held, not yet answered ---------------------
export const BYTES_IN_FLIGHT_TOTAL_MAX = 1024 * MIB;
/** Submitters take turns of so much predicted time on the threads that encode, decode and group. */
export const NUMERICS_QUANTUM_MS = 20;
/** A task that is predicted to take longer waits for others like it, where there are several threads, and never holds up a quick one. */
export const NUMERICS_QUICK_MS_MAX = 100;
/** Numerics tasks that may wait or run before dispatch stops. */
export const NUMERICS_PENDING_MAX = 64;
export const STORE_PENDING_MAX = 64;

// --- time --------------------------------------------------------------------------------------------------------
/** A deadline is measured (SPEC.md AS5); it never falls below this, for timers and garbage collectors are not exact. */
export const ASSIGNMENT_DEADLINE_MS_MIN = 500;
/** And before anything is measured, or for whatever is slower than all bounds, it is this. */
export const ASSIGNMENT_DEADLINE_MS_MAX = 60_000;
/** A late assignment may still be answered for so many times what a slow answer takes (SPEC.md AS6); then it is void. */
export const LATE_FACTOR_MAX = 10;
/** A large model comes to a tab at least this fast, 10 Mbit/s: so much longer its first batch is waited for. */
export const TAB_FETCH_BYTES_PER_MS_MIN = 1_250;
/**
 * A batch is sent ahead, to a tab that still computes another one, only where each is expected to take no longer than this: of a
 * longer one the way there and back is a small part, and waiting behind it costs more than that.
 */
export const BATCH_AHEAD_MS_MAX = 500;
/** The batch before it is overdue when it takes so many times what was expected of it, but not before so long. */
export const BATCH_AHEAD_OVERDUE_FACTOR = 1.25;
export const BATCH_AHEAD_OVERDUE_MS_MIN = 10;
/** Behind one that is overdue what was sent ahead waits until somebody idles, at most until it has taken this. */
export const BATCH_AHEAD_WAIT_FACTOR = 2;
export const BATCH_AHEAD_WAIT_MS_MIN = 100;
/** Looked at so much later than was due it says that the coordinator was busy, and not that the tab is slow. */
export const BATCH_AHEAD_LOOK_LATE_MS = 5;
/** A tab that does not answer its first probe by then is closed. */
export const PROBE_MS_MAX = 60_000;

// --- audits ------------------------------------------------------------------------------------------------------
/** Share of a batch's rows that is recomputed at random, at least one row (MATH: every batch, not every twentieth). */
export const AUDIT_ROW_SHARE = 0.05;
/** Rows that are computed again together, in and out: they are gathered in the coordinator's own memory. One row in any case. */
export const RECOMPUTED_BYTES_AT_ONCE_MAX = 64 * MIB;
/** Rows of a job that are recomputed at random, at most, as a share of its queries; ordinary work stays far below. The operator's. */
export const AUDIT_SHARE_MAX = 4;
/** Until so many rows of a cross-checked job were taken in its batches are audited too: there is nobody yet whose word counts. */
export const FIRST_AUDITED_ROWS = 400;
/** Share of answers after which a tab is measured again: often enough to notice a changed device, too rare to cost work. */
export const REPROBE_SHARE = 0.005;
/** Share of liars that bounds assume even where none has been seen. */
export const LIAR_SHARE_FLOOR = 0.1;
/** Chance that an answer is wrong, below which it is final, unless the job says otherwise. */
export const ANSWER_BOUND_DEFAULT = 1e-3;
/** Confidence below which an estimate is told to nobody, unless the job says otherwise: one in ten may be wrong. */
export const CONFIDENCE_FLOOR_DEFAULT = 0.9;

// --- trusted compute: the coordinator's own model runs, in processes that may die ------------------------------------
/** V8's heap of one process: models and rows lie outside of it. */
export const TRUSTED_HEAP_MIB_MAX = 256;
/** A process whose resident set grows beyond it is ended, unless its model has large weights: below the 2 GiB at which a WebAssembly heap of tfjs overruns unseen. */
export const TRUSTED_PROCESS_BYTES_MAX = 1984 * MIB;
/** The same with the largest weights, of a runtime whose heap may grow so far: what WebAssembly can address. */
export const TRUSTED_PROCESS_LARGE_BYTES_MAX = 4096 * MIB;
/** What the prediction of a run may miss: so much less than a process may hold it may be predicted to take. */
export const TRUSTED_UNFORESEEN_BYTES = 256 * MIB;
/** What a model with large weights may be predicted to take beside them. */
export const TRUSTED_BESIDE_WEIGHTS_BYTES_MAX = 512 * MIB;
/** Of the machine's memory one process may take so much, and all of them together the second, if that is more than TRUSTED_PROCESS_BYTES_MAX. */
export const TRUSTED_PROCESS_MEMORY_SHARE = 1 / 2;
export const TRUSTED_MEMORY_SHARE = 3 / 4;
/** A process that has grown beyond it is replaced once it is idle: WebAssembly heaps never shrink. */
export const TRUSTED_RECYCLE_BYTES_MIN = 1024 * MIB;
/** Rows go through a model in pieces: of so many bytes between its layers, so many multiply-adds, so many rows. */
export const TRUSTED_PIECE_BYTES_MAX = 256 * MIB;
export const TRUSTED_PIECE_MACS_MAX = 3e8;
export const TRUSTED_PIECE_ROWS_MAX = 64;
/**
 * A piece that is predicted to take longer waits for others like it, and never holds up a quick one. A small job asks some ten
 * times, one after the other, so that it would wait for ten pieces of this length.
 */
export const TRUSTED_QUICK_MS_MAX = 250;
/** For work that takes less no process is started beside one that can do it: to start one, with its libraries and a model, takes as long. */
export const TRUSTED_WORTH_STARTING_MS = 1_000;
/** A piece that was to be quick and takes this much processor time is ended and goes on among the slow ones. */
export const TRUSTED_QUICK_OVERRUN_MS_MAX = 1_000;
/** Processor time of one piece: this, and a multiple of what was predicted. */
export const TRUSTED_PIECE_MS_MIN = 30_000;
export const TRUSTED_PIECE_OVERRUN_FACTOR_MAX = 5;
/** Loading a model: graph optimisation of the largest takes a few seconds. */
export const TRUSTED_LOAD_MS_MAX = 60_000;
/** A process that has something to do and takes no processor time at all for so long hangs. */
export const TRUSTED_SILENT_MS_MAX = 60_000;
/** Submitters take turns of so much predicted processor time. */
export const TRUSTED_QUANTUM_MS = 250;
/** Models that one process keeps loaded, by what they are predicted to take; the least recently used goes first. */
export const TRUSTED_MODELS_BYTES_MAX = 512 * MIB;
/** A process without work ends after so long. */
export const TRUSTED_IDLE_MS_MAX = 60_000;
/** The processes' resident sets and processor times are looked at so often while they work. */
export const TRUSTED_WATCH_MS = 100;

// --- auditors: machines of the operator's own that compute trusted rows ------------------------------------------------
/** Tokens with auditors at a time, and pieces that all auditors of one token compute at once. */
export const AUDITORS_MAX = 64;
export const AUDITOR_SEATS_MAX = 64;
/** An auditor that asks for a piece is answered after so long, with nothing where there is none: proxies end what is silent for a minute. */
export const AUDITOR_POLL_MS_MAX = 20_000;
/** An auditor says that it is alive so often while it computes, and is gone once it said nothing for so long: its pieces are computed by others. */
export const AUDITOR_ALIVE_MS = 5_000;
export const AUDITOR_SILENT_MS_MAX = 30_000;
/** Where more than this waits for each seat of the auditors, in predicted processor time, the coordinator lends a hand. */
export const AUDITOR_BACKLOG_MS_MAX = 2_000;
/** The first pieces of an auditor are computed by the coordinator too, and of the later ones a share that is drawn. */
export const AUDITOR_TRIED_PIECES = 3;
export const AUDITOR_CHECKED_SHARE = 0.02;
/** Pieces that an auditor confirmed and nobody else computed are kept to this size, and computed again if it is dismissed. */
export const AUDITOR_CONFIRMED_BYTES_MAX = 256 * MIB;
/** A token whose auditor held a piece too long a second time gets none for the first time; each further time for twice as long, up to the second. */
export const AUDITOR_REST_MS = 60_000;
export const AUDITOR_REST_MS_MAX = 3_600_000;
/** So many pieces in time take back one that came too late. */
export const AUDITOR_PIECES_IN_TIME = 64;
/** What a piece may answer with; a row of the largest output fits. */
export const AUDITOR_OUTPUT_BYTES_MAX = 256 * MIB;
/** Models that an auditor keeps, least recently used first out. */
export const AUDITOR_MODELS_BYTES_MAX = 2048 * MIB;
/** Processor time of the trial at submission, all its rows together: the largest model takes about 30 s a row. */
export const TRIAL_MS_MAX = 120_000;
/**
 * Rows of a trial: of a model that costs more than a part of this, fewer than otherwise, at least one; and beyond the first few, which say most
 * of how large a model's numbers are, fewer still: a trial costs its submitter nothing. A number between layers counts as some multiply-adds.
 */
export const TRIAL_MACS_MAX = 20e9;
export const TRIAL_MORE_MACS_MAX = 2e9;
/** Rows of a trial, in and out: these the coordinator holds itself, some of them several times. */
export const TRIAL_BYTES_MAX = 64 * MIB;
/** Of them so many are computed again to see what the model makes of rounding, of a costly model fewer, at least one. */
export const SENSITIVITY_ROWS_MAX = 16;
export const SENSITIVITY_MACS_MAX = 1e9;
/** So often each on other inputs one unit apart, of a costly model less often, at least once. */
export const SENSITIVITY_TURNS_MAX = 4;
/** The second implementation is some thirty times as slow: so much is computed on it, but two rows at least. */
export const SENSITIVITY_SECOND_MACS_MAX = 6e7;
export const SENSITIVITY_SECOND_ROWS_MIN = 2;
/** A row that costs more is not computed on the second implementation: it would take it longer than ten seconds. */
export const SENSITIVITY_ROW_MACS_MAX = 3e9;
/** Rows of one result that are computed again before its volunteer is named: those that differ most. */
export const CONFIRMED_ROWS_MAX = 3;
/** Where all of those excuse it, so many are. */
export const EXCUSED_ROWS_MAX = 12;

// --- tabs --------------------------------------------------------------------------------------------------------
/** Loaded models that a compute thread keeps, by the size of their bundles; the least recently used goes first. */
export const TAB_MODEL_CACHE_BYTES_MAX = 512 * MIB;
/** Models that a browser keeps on its disk, for all its tabs and jobs; what came first goes first. */
export const TAB_KEPT_MODELS_BYTES_MAX = 2048 * MIB;
/**
 * What a batch may take of any tab: its model while it loads, and the largest step's numbers. Phones end tabs beyond about this. A model whose
 * weights need more goes only to tabs that say that they have it.
 */
export const TAB_MEMORY_BYTES_MAX = 1024 * MIB;
/** What a batch of a model with large weights may take beside them. */
export const TAB_BESIDE_WEIGHTS_BYTES_MAX = 256 * MIB;
/** No tab has more for one model: WebAssembly addresses no more. */
export const TAB_LARGE_MEMORY_BYTES_MAX = 4096 * MIB;
/** What a tab gives one model, by the gigabytes of memory that its browser tells of the device: from the first number on the second, MiB. */
export const TAB_MEMORY_BY_DEVICE: readonly (readonly [fromGib: number, mib: number])[] = [
  [8, 4096],
  [4, 2048],
];
/** Larger models are not loaded a second time to be tried on a card. */
export const TAB_TRIED_MODEL_BYTES_MAX = 336 * MIB;
/** Choosing a back-end: shader compilation on a slow machine is the long part. */
export const TAB_CALIBRATION_MS_MAX = 60_000;
export const TAB_MODEL_LOAD_MS_MAX = 60_000;
/** The first shard waits for the choice of field kernels too, which compiles shaders. */
export const TAB_SHARD_LOAD_MS_MAX = 60_000;
/** A batch that runs longer is taken for dead: its thread is ended and started afresh. */
export const TAB_RUN_MS_MAX = 120_000;
/** A blob download or a result upload, from first to last byte. */
export const TAB_TRANSFER_MS_MAX = 120_000;
/** Tries of one file or piece whose connection breaks off. */
export const TAB_TRANSFER_TRIES_MAX = 3;
/** For the acknowledgement of a result; the connection is checked by other means, so this may be generous. */
export const TAB_RESULT_ACK_MS_MAX = 30_000;
/** Waiting before a new connection doubles from the first to the second, with jitter. */
export const TAB_RECONNECT_MS_MIN = 500;
export const TAB_RECONNECT_MS_MAX = 15_000;
/** After a restart all tabs are back by then: each tries every TAB_RECONNECT_MS_MAX at least, and then answers a known question. */
export const COME_BACK_MS = 2 * TAB_RECONNECT_MS_MAX;
/** Pieces of work that the worker page lists. */
export const TAB_HISTORY_LENGTH_MAX = 50;
/** A name and how to reach whoever runs a coordinator. */
export const OPERATED_BY_LENGTH_MAX = 200;
/** Jobs that a browser remembers having helped with: more than anybody reads, and a few kilobytes. */
export const TAB_HELPED_JOBS_MAX = 20;

// --- submitters' programs ----------------------------------------------------------------------------------------
/** A connection that stays lost for so long will hardly come back; a restarted coordinator takes seconds. */
export const SDK_LOST_MS_MAX = 600_000;
/** Waiting before a lost connection is tried again doubles from the first to the second. */
export const SDK_RETRY_MS_MIN = 250;
export const SDK_RETRY_MS_MAX = 10_000;
/** A coordinator that has not been heard yet is said to be waited for after so long without an answer, and again every so often. */
export const SDK_NOTICE_MS_MIN = 700;
export const SDK_NOTICE_MS = 10_000;
/** Whoever gives up waits so long for the answer to a submission that is under way, or to a last word (cancel). */
export const SDK_LAST_WORD_MS_MAX = 2_000;
/** A post of queries, or events of answers (which beat), that say nothing for so long come no more: the connection is lost. */
export const SDK_SILENT_MS_MAX = 3 * ANSWER_READER_BEAT_MS;
/** Queries that are pushed while a post is under way go into the next one: so many at most. */
export const SDK_POST_QUERIES_MAX = 1_000;
/** A stream that has no room is tried again after so long. */
export const SDK_BUSY_MS = 500;
/** Between two looks (of two requests) for new answers: the first while they come, the second while nothing moves. */
export const SDK_POLL_MS_MIN = 100;
export const SDK_POLL_MS_MAX = 1_000;
/** Between two looks at a job that is watched. */
export const SDK_WATCH_MS = 500;
/** One line of a CSV file: a million numbers of 16 letters. */
export const CSV_LINE_BYTES_MAX = 16 * MIB;
/** One picture of a folder. */
export const PICTURE_PIXELS_MAX = 16 * MIB;
/** Pictures of one folder: as many as a job has queries. */
export const PICTURES_MAX = 1_000_000;
/** One photograph, decoded on the submitter's machine: the largest cameras have 61 million pixels. */
export const PHOTO_PIXELS_MAX = 64 * MIB;
/** The file of one photograph. */
export const PHOTO_FILE_BYTES_MAX = 128 * MIB;
/** An edge of the pictures that a model takes. */
export const PICTURE_EDGE_PIXELS_MAX = 4_096;
/** Photographs that cannot be read, by name; of the others it is said how many there are. */
export const BROKEN_PICTURES_NAMED_MAX = 20;
/** What a `.zip` or `.npz` of answers holds: its directory has 32 bits for each place in it. */
export const ZIP_BYTES_MAX = 4_000 * MIB;
/** Lengths into which texts are padded, each a job and a model of that size. */
export const LENGTH_BUCKETS_MAX = 4;
/** One text of a corpus: a book is to be cut into pieces first. */
export const TEXT_BYTES_MAX = 1 * MIB;
/**
 * Some hundred texts are tokens by then, or their thread is ended: a tokenizer.json may hold a pattern that never ends.
 */
export const TOKENIZER_MS_MAX = 120_000;
/** To look through an uploaded model, and to pack it: the largest takes a few minutes. */
export const INTAKE_MS_MAX = 900_000;
/**
 * What takes a thread longer, of these and of tokenizers, is taken back where another submitter waits, and goes on among the slow ones: with two others
 * before it a first request has its turn within 10 s.
 */
export const THREAD_QUICK_MS_MAX = 3_000;
/** A thread that has to start first has so much more time. */
export const THREAD_START_MS_MAX = 4_000;
/** Texts that are refused, by their lines; of the others it is said how many there are. */
export const REFUSED_TEXTS_NAMED_MAX = 20;
/** A JSON file of a Hugging Face folder; tokenizers list their words there. */
export const HUB_JSON_BYTES_MAX = 64 * MIB;
/** Weights of a Dense layer behind a sentence encoder, float32: 4096 numbers become nearly as many. */
export const HUB_DENSE_BYTES_MAX = 64 * MIB;
/** The least share of the time that a volunteer may ask a tab to compute: below it a tab is rather paused. */
export const TAB_INTENSITY_MIN = 0.1;
/** A rest up to this lies inside the time that an answer takes; a longer one is announced, and no work is sent meanwhile. */
export const TAB_REST_UNANNOUNCED_MS_MAX = 1_000;
/** After a long batch at a low intensity: longer rests would look like a tab that has gone. */
export const TAB_REST_MS_MAX = 120_000;
/** How often the volunteer's rules are looked at again, beside every change that the browser tells. */
export const TAB_RULES_MS = 5_000;
/** A timer of TAB_RULES_MS that comes so late has slept with its computer, and the coordinator has let go of the tab. */
export const TAB_ASLEEP_MS_MIN = CROWD_PING_EVERY_MS + PONG_MS_MAX + 5_000;
/** A computer that was spared gets more of the tab's work one step at a time, each after so long without pressure. */
export const TAB_COOLING_MS = 60_000;
/** After a pause by the busy rule the tab goes on gently once the pressure has been less than critical for so long. */
export const TAB_CALM_MS = 30_000;
/** Critical pressure that lasts so long at half the intensity is looked into. */
export const TAB_PRESSURE_LASTS_MS = 15_000;
/** The tab computes nothing for so long, to see whether the pressure is its own: some samples of the browser. */
export const TAB_QUIET_MS = 8_000;
/** A batch in hand that takes longer ends such a look without a finding. */
export const TAB_QUIET_WAIT_MS_MAX = 60_000;
/** Load that was found to be the tab's own, and so its half intensity, is not looked into again for so long. */
export const TAB_OWN_LOAD_MS = 600_000;
/** Pressure that comes back within so long of the full intensity is its own. */
export const TAB_OWN_RISE_MS = 20_000;
/** Critical load of other programs that began after Start pauses the tab once it has lasted so long. */
export const TAB_OTHERS_LOAD_MS = 180_000;
/** What the browser tells first, so soon after Start, was so before. */
export const TAB_PRESSURE_AT_FIRST_MS = 10_000;
/** Browsers tell of changes alone: one that is silent for so long is asked anew. */
export const TAB_PRESSURE_ASK_MS = 10_000;
/** What was told longer ago may have changed: no further step is taken on it. */
export const TAB_PRESSURE_FRESH_MS = 30_000;
/** Of a browser that no longer tells how it fares (it tells pages in front alone), the worst is assumed no longer. */
export const TAB_PRESSURE_STALE_MS = 300_000;
/** Sessions of one tab, each with a compute thread of its own. */
export const TAB_THREADS_MAX = SESSIONS_PER_VOLUNTEER_MAX;
/** Where nobody chose: half of the processor's cores, and no more than this. */
export const TAB_THREADS_UNASKED_MAX = 4;
/** The same where the browser does not tell how much memory there is. */
export const TAB_THREADS_IN_THE_DARK_MAX = 2;
/** So much is set aside for each compute thread after the first, which has the rest for one model. */
export const TAB_FURTHER_THREAD_MIB = 512;
/** What the coordinator's tables have room for. */
export const NICKNAME_LENGTH_MAX = 40;
/** As a nickname. */
export const TEAM_NAME_LENGTH_MAX = 40;
/** Projects that a volunteer names, where it works for some alone. */
export const CHOSEN_PROJECTS_MAX = 64;
/** How long a link for another device of one's own lets it in under one's name. */
export const DEVICE_LINK_MS = 3_600_000;
/** Jobs at work that volunteers are told of at once. */
export const WORK_LISTED_MAX = 100;
/** Pages of volunteers that are told of the jobs as they change, each over a connection that stays open; others ask now and then. */
export const WORK_READERS_MAX = 2_000;
/** So often somebody looks whether there is anything new to tell them; less often where all of them together would be sent more than this. */
export const WORK_LOOK_MS = 1_000;
export const WORK_BYTES_PER_S_MAX = 4 * 1024 * 1024;
/** Jobs at work that a volunteer has said no to. */
export const REFUSED_JOBS_MAX = 64;
/** Choices that are looked through one by one for a job; whoever chooses as nobody else does beyond that shares one list. */
export const CHOICES_APART_MAX = 32;
/** [AS4] A key that failed at a model is sent nothing of it for so long, twice as long each time in a row. */
export const FAILED_TURNS_MS_FIRST = 10_000;
export const FAILED_TURNS_MS_MAX = 3_600_000;
/** Models that a key failed at last; at so many of them its device is taken for broken. */
export const FAILED_MODELS_KEPT_MAX = 16;
export const FAILED_MODELS_TO_REST = 3;
/** [AS11] Rows that failed at so many volunteers are tried by the coordinator. */
export const FAILING_VOLUNTEERS_TO_TRY = 3;
/** [AS12] Where so many volunteers failed and nobody has answered for so long, a job pauses. */
export const FAILING_VOLUNTEERS_TO_PAUSE = 5;
export const UNANSWERED_MS_TO_PAUSE = 120_000;
/** Of rows that cannot be computed: reasons that are told apart, queries that are named for each, and characters of one. */
export const REASONS_NOT_COMPUTED_MAX = 20;
export const QUERIES_NOT_COMPUTED_MAX = 100;
export const REASON_NOT_COMPUTED_CHARACTERS_MAX = 300;
/** Keys that chose a job at work, did nothing and went: so many are kept, and the oldest forgotten first. */
export const GONE_CHOOSERS_MAX = 10_000;
/** Of that list so many are looked at, at most, for one batch. */
export const CHOICES_MIXED_LOOKS_MAX = 16;
/** Models that a session computes on a back-end of their own, and whose names both sides remember; the oldest goes first. */
export const TAB_MODEL_BACKENDS_MAX = 64;
/** Credit heard of, for the live speed: so many marks, so far back. */
export const TAB_CREDIT_MARKS_MAX = 120;
/** Days of the volunteer's own history that its browser keeps. */
export const CONTRIBUTION_DAYS_MAX = 400;
/** Places of the leaderboard that one request gets. */
export const LEADERBOARD_ROWS_MAX = 100;

// --- operators ---------------------------------------------------------------------------------------------------
/** Why a volunteer was released, in the operator's words: a sentence or two. */
export const RELEASE_REASON_LENGTH_MAX = 200;
/** Why no new job is taken, as its submitter reads it. */
export const INTAKE_REASON_LENGTH_MAX = 200;
/** Why somebody is let in no more, as they read it. */
export const BAN_REASON_LENGTH_MAX = 200;
export const BAN_DAYS_MAX = 3_650;
/** Bans that hold at once: each is looked at whenever a tab comes. */
export const BANS_MAX = 1_000;
/** Seats of one sheet: several classes. */
export const SEATS_PER_SHEET_MAX = 200;
/** Sheets of seats that hold at once: all their seats are in memory. */
export const SEAT_SHEETS_MAX = 50;
export const SEAT_DAYS_MAX = 366;
/** Keys that came with a code that is another's, by sheet: so many are told apart. */
export const TURNED_AWAY_KEPT_MAX = 1_000;
/** Backups by hand beside each other in the data directory: one more than that waits until an old one is removed. */
export const BACKUPS_MAX = 30;
/** How many scheduled backups are kept: with one more the oldest goes. */
export const BACKUPS_SCHEDULED_MAX = 7;
/** The longest time between two of them, as a setting: a month. */
export const BACKUP_HOURS_MAX = 744;
/** Whether one is due is looked at so often; that of a cell which has died is made by another one then. */
export const BACKUP_LOOK_MS = 60_000;
/** After a backup that failed: each try takes the database's and the disk's time. */
export const BACKUP_RETRY_MS = 1_800_000;
/** The longest that pg_dump and pg_restore may take: one that hangs holds a snapshot, for which the server keeps every old row. */
export const DUMP_MS_MAX = 21_600_000;
/** What lies on the disk is counted again after so long. */
export const STORAGE_COUNTED_MS = 30_000;
/** The log of one job: some 50,000 entries. What comes after that is left out, and the log says so. */
export const JOB_LOG_BYTES_MAX = 8 * MIB;
/** Logs of all jobs together; the oldest go first. */
export const JOB_LOGS_BYTES_MAX = 512 * MIB;
/** Entries wait so long to be written together; a crash loses no more of a log. */
export const JOB_LOG_FLUSH_MS = 500;
/** Of a wrong batch: so many rows, and so many numbers of each, are kept as evidence beside what was expected. */
export const EVIDENCE_ROWS_MAX = 3;
export const EVIDENCE_NUMBERS_MAX = 12;

/** [CE1] Of a coordinator on a PostgreSQL server: it renews its lease three times as often, and who does not is taken over from. */
export const CELL_LEASE_MS = 10_000;
/** Below it a renewal on a busy machine comes too late; above it nobody would wait for a takeover. */
export const CELL_LEASE_MS_MIN = 2_000;
export const CELL_LEASE_MS_MAX = 120_000;
/** [CE2] One that has lost its lease, and cannot begin anew because its database is away, tries again after so long. */
export const BEGIN_ANEW_MS = 1_000;
/** Cells that went are told of for so long. */
export const CELLS_GONE_KEPT_MS = 86_400_000;
/** Lines in the view of a service: of those that went the latest. */
export const CELLS_LISTED_MAX = 64;
/** [CE8] After so long with jobs of fewer submitters a coordinator asks for fewer of the service's tabs; with jobs and no tab, for more. */
export const SHARE_KEPT_MS = 10_000;
/** [CE15] Another coordinator is to say within so long which jobs it has; one that is paused says nothing. */
export const CELL_LIST_MS_MAX = 5_000;
/** [CE12] A look at a whole is shown to whoever asks within so long. */
export const WHOLE_LOOK_MS = 1_000;
/** Each is what one second saw of one whole. */
export const WHOLE_LOOKS_KEPT_MAX = 200;
/** [CE4] What other coordinators have found out and counted is known after so long. */
export const ELSEWHERE_LOOK_MS = 500;
