/**
 * What all submitters share, by the files of limits. What cannot be taken back: A, then B, then C take all they can; A gets three quarters, and
 * each one's first request succeeds. What goes by turns: A alone has all of it, and B's and C's first request has its turn within ten seconds. A
 * limit that is new has to say here what it is: of one thing, shared, or shared and excused.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { get as httpGet } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import * as codedLimits from "../shared/coded/limits.ts";
import { FairQueue } from "../shared/control/fair-queue.ts";
import * as matmulLimits from "../shared/kinds/matmul/limits.ts";
import * as regressionLimits from "../shared/kinds/regression/limits.ts";
import * as limits from "../shared/protocol/limits.ts";
import * as receiptLimits from "../shared/receipts/limits.ts";
import { PLAIN, Story, storedJob } from "./coordinator/testing/story.ts";
import { behindWith } from "./coordinator/turns.ts";
import { Readers } from "./kinds/inference/web/answer-readers.ts";
import { NamedModels } from "./openai/named-models.ts";
import { SubmissionQueue } from "./shell/submission-queue.ts";
import { addAccessHooks } from "./web/access-hooks.ts";
import { ApiFailure } from "./web/api-failure.ts";
import { Ownership } from "./web/ownership.ts";
import { schemaController } from "./web/schema-compilers.ts";
import { createUploadBudget } from "./web/upload-budget.ts";
import { addWorkEvents } from "./web/work-events.ts";

const ALL: Readonly<Record<string, unknown>> = {
  ...limits,
  ...codedLimits,
  ...matmulLimits,
  ...regressionLimits,
  ...receiptLimits,
};
const FIRST_REQUEST_MS_MAX = 10_000;
const PIECES = 100;

/** Takes one hundredth, or one thing. @returns did it get it? */
type Take = (who: string) => Promise<boolean> | boolean;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function from(request: { readonly "x-from"?: unknown }) {
  return { key: String(request["x-from"]), prefix: null, group: null, address: null };
}

function webApp(): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, schemaController });
  addAccessHooks(app, null, () => Promise.reject(new Error("nobody is refused here")), from as never);
  app.setErrorHandler((error, _request, reply) => reply.code(error instanceof ApiFailure ? error.status : 500).send());
  closing.push(() => app.close());
  return app;
}

/** Requests that are let in, and never end. */
function heldRequests(hook: (request: FastifyRequest, reply: FastifyReply) => Promise<void>, bytes: number): Take {
  const app = webApp();
  let letIn = () => {};
  const stay = async () => {
    letIn();
    await new Promise(() => {});
  };
  app.post("/", { onRequest: [hook, stay] }, async () => "");
  const headersOf = (who: string) => ({ "x-from": who, "content-length": String(bytes) });
  return (who) => {
    const isIn = new Promise<boolean>((resolve) => {
      letIn = () => resolve(true);
    });
    const refused = app.inject({ method: "POST", url: "/", headers: headersOf(who), payload: "x" }).then(() => false);
    return Promise.race([isIn, refused]);
  };
}

function uploads(total: number): Take {
  return heldRequests(createUploadBudget(total)(total), Math.floor(total / PIECES));
}

function disk(freeBytes: number): Take {
  const room = { refusesJobs: () => null, refusesUploads: () => null, uploadRoomBytes: () => freeBytes };
  const ownership = new Ownership(null, {} as never, {} as never, room);
  return heldRequests(ownership.requireModelRoom(freeBytes), Math.floor(freeBytes / PIECES / 3));
}

/** Submissions that are being looked at for ever. */
function submissions(activeMax: number, bytes = 0, bytesMax = limits.JOBS_DATA_BYTES_MAX): Take {
  const queue = new SubmissionQueue(() => new Map());
  let count = 0;
  return (who) => {
    const jobId = `job ${count++}`;
    return new Promise((resolve) => {
      const begin = async () => {
        queue.requireBytes(jobId, bytes, bytesMax);
        resolve(true);
        return new Promise<never>(() => {});
      };
      void queue
        .submit(jobId, { of: "jobs", party: who, active: new Map(), activeMax }, begin)
        .then(() => resolve(false));
    });
  };
}

const orFalse = (take: () => unknown): boolean => {
  try {
    take();
    return true;
  } catch {
    return false;
  }
};

function answerReaders(): Take {
  const readers = new Readers();
  let count = 0;
  return (who) => orFalse(() => readers.seatFor(`job ${count++}`, who, { once() {} } as never));
}

async function modelNames(): Promise<Take> {
  const folder = await mkdtemp(join(tmpdir(), "paritab-names-"));
  closing.push(() => rm(folder, { recursive: true }));
  const models = new NamedModels(folder);
  let count = 0;
  return async (who) => {
    const id = `${who}/${count++}`;
    let giveBack = () => {};
    if (!orFalse(() => (giveBack = models.reserve(who)))) return false;
    // Half of them are there, the others still come.
    if (count % 2 === 0) return true;
    await models.add({ id, owner: who, folder: id } as never);
    giveBack();
    return true;
  };
}

async function workReaders(): Promise<Take> {
  const app = webApp();
  addWorkEvents(app as never, () => ({ jobs: [] }) as never, {
    lookMs: 1_000,
    readersMax: PIECES,
    bytesPerSecondMax: 1e9,
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  return (who) =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, path: "/api/work.sse", headers: { "x-from": who }, agent: false };
      const asked = httpGet(options, ({ statusCode }) => resolve(statusCode === 200));
      asked.on("error", reject);
      closing.unshift(() => asked.destroy());
    });
}

function jobOf(story: Story, who: string, jobId: string): void {
  const job = storedJob(jobId, PLAIN, 40, 0);
  story.submitJob({ ...job, submission: { ...job.submission, submitter: who } });
}

function pending(isOfStore: boolean): Take {
  const story = new Story();
  for (const who of ["a", "b", "c"]) jobOf(story, who, `of ${who}`);
  let count = 0;
  return (who) => {
    if (behindWith(story.state, who) !== null) return false;
    const purpose = { kind: "job", jobId: `of ${who}`, purpose: { type: "" }, isRefusable: false } as const;
    if (isOfStore) story.state.persistQueue.push({ purpose, records: [] });
    else story.state.numericsPending.set(--count, who);
    return true;
  };
}

const DISK = "the disk";
/** What cannot be taken back, as it is taken in the product; and how many takings there are for all. */
const KEPT: Readonly<Record<string, readonly [total: number, open: () => Take | Promise<Take>]>> = {
  UPLOAD_BYTES_IN_FLIGHT_MAX: [PIECES, () => uploads(limits.UPLOAD_BYTES_IN_FLIGHT_MAX)],
  MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX: [PIECES, () => uploads(limits.MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX)],
  JOBS_ACTIVE_MAX: [limits.JOBS_ACTIVE_MAX, () => submissions(limits.JOBS_ACTIVE_MAX)],
  CODED_JOBS_ACTIVE_MAX: [codedLimits.CODED_JOBS_ACTIVE_MAX, () => submissions(codedLimits.CODED_JOBS_ACTIVE_MAX)],
  JOBS_DATA_BYTES_MAX: [PIECES, () => submissions(1e6, Math.floor(limits.JOBS_DATA_BYTES_MAX / PIECES))],
  CODED_JOBS_DATA_BYTES_MAX: [
    PIECES,
    () => submissions(1e6, codedLimits.CODED_JOBS_DATA_BYTES_MAX / PIECES, codedLimits.CODED_JOBS_DATA_BYTES_MAX),
  ],
  V1_MODELS_MAX: [limits.V1_MODELS_MAX, modelNames],
  ANSWER_READERS_MAX: [limits.ANSWER_READERS_MAX, answerReaders],
  WORK_READERS_MAX: [PIECES, workReaders],
  NUMERICS_PENDING_MAX: [limits.NUMERICS_PENDING_MAX, () => pending(false)],
  STORE_PENDING_MAX: [limits.STORE_PENDING_MAX, () => pending(true)],
  [DISK]: [PIECES, () => disk(60e9)],
};

interface Turns {
  readonly quantumMs: number;
  /** So long a piece keeps what it is on from others, and then is taken back. */
  readonly pieceMs: number;
}
const TURNS: Readonly<Record<string, Turns>> = {
  NUMERICS_QUANTUM_MS: { quantumMs: limits.NUMERICS_QUANTUM_MS, pieceMs: limits.NUMERICS_QUICK_MS_MAX },
  TRUSTED_QUANTUM_MS: { quantumMs: limits.TRUSTED_QUANTUM_MS, pieceMs: limits.TRUSTED_QUICK_OVERRUN_MS_MAX },
  // server/fair-threads.test.ts holds threads to it.
  THREAD_QUICK_MS_MAX: { quantumMs: 250, pieceMs: limits.THREAD_QUICK_MS_MAX },
};

/** Shared, and in the hands of one submitter all the same: why that starves nobody. A limit: nobody has more of it than that, which is at most three quarters. */
const EXCUSED: Readonly<Record<string, string | { readonly most: number }>> = {
  CONNECTIONS_MAX: { most: limits.CONNECTIONS_PER_PREFIX_MAX },
  SESSIONS_MAX: { most: limits.SESSIONS_PER_PREFIX_MAX },
  HANDSHAKES_PENDING_MAX: { most: limits.HANDSHAKES_PENDING_PER_PREFIX_MAX },
  HANDSHAKES_WAITING_MAX: { most: limits.CONNECTIONS_PER_PREFIX_MAX },
  CONNECTIONS_HELD_MAX: "the kernel's, until the event loop looks",
  BYTES_IN_FLIGHT_TOTAL_MAX: "claims go out by turns, and each has a limit of its own",
  PARTS_ACTIVE_MAX:
    "a submission asks for its parts together: `roomFor` in server/kinds/inference/submissions.ts says how many",
  PACKED_PIECES_BYTES_MAX: "a cache: what goes is compressed again",
  RATES_REMEMBERED_MAX: "a cache: who was seen least lately is counted anew",
  TIMELINE_JOBS_MAX: "pictures of jobs: the oldest goes, and its job stays",
  SUBMISSION_KEYS_HELD_MAX: "a cache: older ones are found by the id that their key made",
  JOB_LOGS_BYTES_MAX: "logs for the operator: the oldest go",
  TRUSTED_MODELS_BYTES_MAX: "a cache: what goes is loaded again",
  WHOLE_LOOKS_KEPT_MAX: "a cache: what goes is looked at again",
  LATER_ANSWERS_HELD_MAX: "of each submitter",
  V1_BATCHES_ACTIVE_MAX: "of each submitter",
  TOKENS_MAX: "the administrator's",
  BANS_MAX: "the operator's",
  SEAT_SHEETS_MAX: "the operator's",
  TURNED_AWAY_KEPT_MAX: "a count that its operator reads: beyond it nobody is told apart, and nobody is refused",
  BACKUPS_MAX: "the operator's",
  BACKUPS_SCHEDULED_MAX: "the operator's: the oldest goes",
  CELLS_LISTED_MAX: "the operator's: lines for people",
  AUDITORS_MAX: "machines of the operator's",
  AUDITOR_SEATS_MAX: "machines of the operator's",
  AUDITOR_CONFIRMED_BYTES_MAX: "machines of the operator's: the oldest pieces of whichever token has most go",
  GONE_CHOOSERS_MAX: "keys that did nothing and went: the oldest is forgotten",
};

/** Of one thing, by its name: a time, a rate, a share, a least, or of each of something. */
const OF_ONE_BY_NAME =
  /_MS(_|$)|_PER_|_MIN$|_LENGTH_MAX$|_SHARE(_|$)|_FACTOR(_|$)|_DEFAULT$|_S(_MAX)?$|_DAYS(_MAX)?$|_EDGE_|_DEPTH_|_BITS_/;
/** Of one message, model, tensor, job, stream, batch, page, file, tab, process or program. */
const OF_ONE = new Set(
  `PROTOCOL_VERSION SOCKET_MESSAGE_BYTES_MAX RESULT_INLINE_BYTES_MAX INPUT_INLINE_BYTES_MAX NONCE_BYTES MODEL_BYTES_MAX MODEL_TFJS_BYTES_MAX
  MODEL_PIECE_BYTES MODEL_JSON_BYTES_MAX MODEL_NODES_MAX MODEL_TENSORS_MAX MODEL_OUTPUTS_MAX ONNX_OPSET_MAX ONNX_LOOP_TURNS_MAX ONNX_LIST_ITEMS_MAX
  KNOWN_NUMBERS_MAX ONNX_NODE_ENDS_MAX ONNX_NAME_BYTES_MAX WHOLE_NUMBER_MAX INPUT_SIZE_MAX MODEL_OUTPUT_SIZE_MAX MODEL_ACTIVATION_SIZE_MAX
  TENSOR_BYTES_MAX TENSOR_FILE_BYTES_MAX QUERIES_HELD_BYTES_MAX TENSOR_RANK_MAX FRAME_HEADER_BYTES_MAX FRAME_TENSORS_MAX NPY_HEADER_BYTES_MAX
  HOME_TRIAL_THREADS_MAX TAB_TRANSFER_TRIES_MAX HOME_TRIAL_MODEL_BYTES_MAX MODEL_FILES_MAX SUBMISSION_BYTES_MAX ASKED_WORDS_MAX ASKED_BYTES_MAX KEPT_NAMES_BYTES_MAX ANSWERS_PAGE_NUMBERS_MAX UNPACKED_BYTES_MAX JOB_LIST_ROWS_MAX CROWD_ROWS_MAX PREVIEW_FILE_BYTES_MAX
  BACKUP_HOURS_MAX V1_INPUTS_MAX V1_REQUEST_TOKENS_MAX V1_REQUEST_BYTES_MAX V1_FILE_BYTES_MAX V1_BATCH_LINES_MAX V1_LINE_BYTES_MAX V1_BATCH_ERRORS_MAX V1_PAGE_MAX
  AUDIT_LINE_BYTES_MAX PARTS_MAX PARTS_UNASKED PARTS_EACH_CELL_MAX BATCH_BYTES_MAX AIM_MACS_MAX AIM_BYTES_MAX
  STREAM_UNANSWERED_MAX STREAM_QUERIES_MAX STREAM_QUERY_BYTES_MAX STREAM_POST_BYTES_MAX STREAM_REFUSED_NAMED_MAX INVITATIONS_SPARE_COUNT
  TAB_SHARD_CACHE_BYTES_MAX RECOMPUTED_BYTES_AT_ONCE_MAX FIRST_AUDITED_ROWS TRUSTED_HEAP_MIB_MAX TRUSTED_PROCESS_BYTES_MAX
  TRUSTED_PROCESS_LARGE_BYTES_MAX TRUSTED_UNFORESEEN_BYTES TRUSTED_BESIDE_WEIGHTS_BYTES_MAX TRUSTED_PIECE_BYTES_MAX TRUSTED_PIECE_MACS_MAX
  TRUSTED_PIECE_ROWS_MAX AUDITOR_TRIED_PIECES AUDITOR_PIECES_IN_TIME AUDITOR_OUTPUT_BYTES_MAX AUDITOR_MODELS_BYTES_MAX TRIAL_MACS_MAX
  TRIAL_MORE_MACS_MAX TRIAL_BYTES_MAX SENSITIVITY_ROWS_MAX SENSITIVITY_MACS_MAX SENSITIVITY_TURNS_MAX SENSITIVITY_SECOND_MACS_MAX
  SENSITIVITY_ROW_MACS_MAX CONFIRMED_ROWS_MAX TAB_MODEL_CACHE_BYTES_MAX TAB_KEPT_MODELS_BYTES_MAX TAB_MEMORY_BYTES_MAX
  TAB_BESIDE_WEIGHTS_BYTES_MAX TAB_LARGE_MEMORY_BYTES_MAX TAB_MEMORY_BY_DEVICE TAB_TRIED_MODEL_BYTES_MAX TAB_HELPED_JOBS_MAX SDK_POST_QUERIES_MAX
  CSV_LINE_BYTES_MAX PICTURE_PIXELS_MAX PICTURES_MAX PHOTO_PIXELS_MAX PHOTO_FILE_BYTES_MAX BROKEN_PICTURES_NAMED_MAX LENGTH_BUCKETS_MAX ZIP_BYTES_MAX
  TEXT_BYTES_MAX REFUSED_TEXTS_NAMED_MAX HUB_JSON_BYTES_MAX TAB_THREADS_MAX TAB_THREADS_UNASKED_MAX
  TAB_THREADS_IN_THE_DARK_MAX TAB_FURTHER_THREAD_MIB CHOSEN_PROJECTS_MAX WORK_LISTED_MAX REFUSED_JOBS_MAX CHOICES_APART_MAX
  CHOICES_MIXED_LOOKS_MAX TAB_MODEL_BACKENDS_MAX TAB_CREDIT_MARKS_MAX LEADERBOARD_ROWS_MAX JOB_LOG_BYTES_MAX EVIDENCE_ROWS_MAX
  EVIDENCE_NUMBERS_MAX CODED_SHARDS_MAX CODED_SHARD_BYTES_MAX CODED_DATA_BYTES_MAX CODED_CHECKPOINTS_MAX MATMUL_SLICE_COLUMNS_MAX
  MATMUL_PRODUCT_BYTES_MAX REGRESSION_ITERATIONS_MAX REGRESSION_CLASSES_MAX REGRESSION_CLASSES_GUESSED_MAX REGRESSION_PREDICTIONS_MAX
  TABLE_LEVELS_MAX REGRESSION_PROBABILITIES_MAX EVALUATION_ROC_POINTS_MAX EVALUATION_RESIDUALS_MAX EVALUATION_PAIRS_MAX
  EVALUATION_AREA_CLASSES_MAX STATEMENT_BYTES_MAX RECEIPT_BYTES_MAX
  MODEL_SOURCE_BYTES_MAX SOURCE_ROWS_MAX COLUMN_NAMES_BYTES_MAX EXCUSED_ROWS_MAX HUB_DENSE_BYTES_MAX FAILED_MODELS_KEPT_MAX FAILED_MODELS_TO_REST
  FAILING_VOLUNTEERS_TO_TRY FAILING_VOLUNTEERS_TO_PAUSE REASONS_NOT_COMPUTED_MAX QUERIES_NOT_COMPUTED_MAX REASON_NOT_COMPUTED_CHARACTERS_MAX
  WHOLE_RECEIPT_BYTES_MAX RECEIPT_FILES_BYTES_MAX BATCH_LINE_BYTES_MAX SIGNATURE_LINE_BYTES_MAX ROUND_LINE_BYTES_MAX STATEMENTS_MAX KEYS_MAX`.split(
    /\s+/,
  ),
);

test("each limit is of one thing, or shared fairly, or shared and excused with a reason", () => {
  const isKnown = (name: string) => [KEPT, TURNS, EXCUSED].some((table) => Object.hasOwn(table, name));
  const unknown = Object.keys(ALL).filter((name) => !isKnown(name) && !OF_ONE.has(name) && !OF_ONE_BY_NAME.test(name));
  expect(unknown).toEqual([]);
  const named = [...Object.keys({ ...KEPT, ...TURNS, ...EXCUSED }), ...OF_ONE].filter((name) => name !== DISK);
  expect(named.filter((name) => !Object.hasOwn(ALL, name))).toEqual([]);
  expect(named.filter((name, place) => named.indexOf(name) !== place)).toEqual([]);
});

describe("what cannot be taken back", () => {
  const cases = Object.entries(KEPT).map(([name, [total, open]]) => ({ name, total, open }));
  test.each(cases)(
    "[PR24] of $name the first takes three quarters, and leaves the others theirs",
    async ({ total, open }) => {
      const take = await open();
      const got: number[] = [];
      for (const who of ["a", "b", "c"]) {
        let count = 0;
        while (await take(who)) count++;
        got.push(count);
      }
      const [a, b, c] = got as [number, number, number];
      expect(a / total).toBeGreaterThanOrEqual(0.74);
      expect(a / total).toBeLessThanOrEqual(0.75);
      expect(b).toBeGreaterThanOrEqual(1);
      expect(b).toBeLessThanOrEqual(Math.max(1, 0.75 * (total - a)));
      expect(c).toBeGreaterThanOrEqual(1);
      expect(a + b + c).toBeLessThanOrEqual(total);
    },
  );
});

describe("what goes by turns", () => {
  test.each(Object.entries(TURNS))(
    "%s: who is alone has all of it, and a first request its turn within ten seconds",
    (_name, { quantumMs, pieceMs }) => {
      const queue = new FairQueue<{ readonly submitter: string; readonly job: string; readonly cost: number }>(
        quantumMs,
      );
      const ask = (submitter: string) => {
        for (let n = 0; n < 500; n++) queue.add({ submitter, job: submitter, cost: pieceMs });
      };
      const [untilMs, comesMs] = [40 * pieceMs, { b: 20 * pieceMs + 1, c: 20 * pieceMs + 2 }];
      const first: Partial<Record<string, number>> = {};
      let [nowMs, aloneMs] = [0, 0];
      const coming = Object.entries(comesMs);
      ask("a");
      while (nowMs < untilMs) {
        while (coming.length > 0 && nowMs >= coming[0]![1]) ask(coming.shift()![0]);
        const piece = queue.take()!;
        first[piece.submitter] ??= nowMs;
        if (nowMs < comesMs.b && piece.submitter === "a") aloneMs += piece.cost;
        nowMs += piece.cost;
      }
      expect(aloneMs).toBeGreaterThanOrEqual(0.9 * comesMs.b);
      for (const who of ["b", "c"] as const)
        expect(first[who]! - comesMs[who]).toBeLessThanOrEqual(FIRST_REQUEST_MS_MAX);
    },
  );
});

test("what is excused because nobody has more of it than another limit allows is", () => {
  for (const [name, why] of Object.entries(EXCUSED)) {
    if (typeof why === "string") expect(why.length).toBeGreaterThan(10);
    else expect(why.most).toBeLessThanOrEqual(0.75 * (ALL[name] as number));
  }
});
